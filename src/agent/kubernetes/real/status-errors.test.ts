import { connectionError, statusError } from './status-errors';

const answer = (status: number, body: object | string = '', retryAfter?: string) =>
  statusError({
    status,
    body: typeof body === 'string' ? body : JSON.stringify({ kind: 'Status', ...body }),
    retryAfter,
  });

test.each([
  [400, {}, 'invalid'],
  [401, {}, 'unauthorized'],
  [403, {}, 'forbidden'],
  [403, { details: { causes: [{ reason: 'NamespaceTerminating' }] } }, 'notFound'],
  [404, {}, 'notFound'],
  [409, { reason: 'Conflict' }, 'conflict'],
  [409, { reason: 'AlreadyExists' }, 'alreadyExists'],
  [413, {}, 'tooLarge'],
  [422, { reason: 'Invalid' }, 'invalid'],
  [429, {}, 'throttled'],
  [500, { message: 'etcdserver: request is too large' }, 'tooLarge'],
  [500, { message: 'failed to create typed patch object: .spec.x: field not declared in schema' }, 'invalid'],
  [500, { reason: 'ServerTimeout' }, 'timeout'],
  [500, {}, 'unavailable'],
  [503, {}, 'unavailable'],
  [504, {}, 'timeout'],
] as const)('%d %j is %s', (status, body, expected) => {
  expect(answer(status, body)).toMatchObject({ errorClass: expected, details: { status } });
});

test('names every conflict by its manager and field', () => {
  const cause = (message: string, field: string) => ({ reason: 'FieldManagerConflict', message, field });
  const error = answer(409, {
    reason: 'Conflict',
    details: {
      causes: [
        cause('conflict with "kubectl-edit" using apps/v1', '.spec.replicas'),
        cause(
          'conflict with "a \\"b\\"" with subresource "scale" using apps/v1 at 2026-01-01T00:00:00Z',
          '.spec.paused',
        ),
      ],
    },
  });
  expect(error.details.conflicts).toEqual([
    { manager: 'kubectl-edit', field: '.spec.replicas' },
    { manager: 'a "b"', field: '.spec.paused' },
  ]);
});

test('waits as long as the server says, and a second when it does not', () => {
  expect(answer(429, {}, '7').details.retryAfterMs).toBe(7000);
  expect(answer(429, { details: { retryAfterSeconds: 3 } }).details.retryAfterMs).toBe(3000);
  expect(answer(429, '').details.retryAfterMs).toBe(1000);
  expect(answer(429, '', 'Wed, 21 Oct 2026 07:28:00 GMT').details.retryAfterMs).toBe(1000);
});

test('takes words of a proxy, but no page', () => {
  expect(answer(502, 'no healthy upstream').message).toBe('no healthy upstream');
  expect(answer(502, '<html>…</html>').message).toBe('the API server answered 502');
});

test('tells a timeout from a connection that is not there', () => {
  expect(connectionError(new DOMException('', 'TimeoutError'), 5).errorClass).toBe('timeout');
  const refused = connectionError(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 5);
  expect(refused).toMatchObject({
    errorClass: 'unavailable',
    message: 'the API server cannot be reached: ECONNREFUSED',
  });
});
