import { CliError } from '../errors';
import { memoryIo } from '../testing/memory-io';
import { answered } from './answers';
import { openHub } from './hub';
import { allItems } from './pages';

const target = { url: 'https://hub.example.com', token: 'flt_secret' };
const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });
const problem = (status: number, more: object = {}) =>
  json(status, { type: 'x', title: 'The request is not valid', status, detail: 'what is wrong', ...more });

/** Asks for a cluster of a hub that answers so, one after the other; the last answer again and again. */
async function ask(...answers: (Response | Error)[]) {
  const requests: Request[] = [];
  const io = memoryIo({
    fetch: (request) => {
      requests.push(request);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer instanceof Response) return Promise.resolve(answer.clone());
      throw answer ?? new Error('no answer is left');
    },
  });
  const { api } = openHub(target, io);
  const outcome = await answered(api.GET('/api/v1/clusters/{name}', { params: { path: { name: 'a b' } } })).then(
    (value) => ({ value, error: undefined }),
    (error: unknown) => ({ value: undefined, error: error as CliError }),
  );
  return { ...outcome, requests, io };
}

const failure = (code: string) => new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code }) });

describe('the client', () => {
  it('sends the token, and names as part of the path', async () => {
    const { value, requests } = await ask(json(200, { kind: 'Cluster' }));
    expect(value).toEqual({ kind: 'Cluster' });
    expect(requests[0]?.url).toBe('https://hub.example.com/api/v1/clusters/a%20b');
    expect(requests[0]?.headers.get('authorization')).toBe('Bearer flt_secret');
  });

  it.each([
    [401, 6],
    [403, 6],
    [404, 7],
    [409, 8],
    [412, 8],
    [400, 1],
    [500, 1],
  ])('makes a refusal of %i an error with exit code %i', async (status, exitCode) => {
    const { error } = await ask(problem(status));
    expect(error).toBeInstanceOf(CliError);
    expect(error?.exitCode).toBe(exitCode);
    expect(error?.text()).toMatch(/^error: what is wrong\n/);
    expect(error?.text()).not.toContain('flt_secret');
  });

  it('lists the fields that are wrong', async () => {
    const { error } = await ask(problem(400, { errors: [{ field: 'spec.region', message: 'is missing' }] }));
    expect(error?.text()).toBe('error: the request is not valid\n  spec.region: is missing\n');
  });

  it('says so when something else answers', async () => {
    const { error } = await ask(new Response('<html>', { status: 404, headers: { 'content-type': 'text/html' } }));
    expect(error?.message).toMatch(/answered 404, and not as a Flotilla hub does/);
    const page = await ask(new Response('<html>', { status: 200 }));
    expect(page.error?.message).toMatch(/not a Flotilla hub/);
  });

  it.each([
    ['ECONNREFUSED', /nothing listens there/],
    ['ENOTFOUND', /the name is not known/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /its certificate is not trusted\nhint: .*--ca/],
  ])('says why the hub cannot be reached: %s', async (code, message) => {
    const { error, requests } = await ask(failure(code));
    expect(error?.exitCode).toBe(5);
    expect(error?.text()).toMatch(message);
    expect(requests).toHaveLength(1);
  });

  it('reads again when the hub is being replaced', async () => {
    const { value, requests, io } = await ask(problem(503), failure('ECONNRESET'), json(200, { kind: 'Cluster' }));
    expect(value).toEqual({ kind: 'Cluster' });
    expect([requests.length, io.slept]).toEqual([3, 2]);
    expect((await ask(problem(503))).error?.exitCode).toBe(5);
  });
});

describe('all items of a list', () => {
  it('are read page by page, as many as are wanted', async () => {
    const queries: unknown[] = [];
    const pages = (query: { limit: number; cursor?: string }) => {
      queries.push(query);
      const from = Number(query.cursor ?? 0);
      const items = Array.from({ length: Math.min(query.limit, 600 - from) }, (_, index) => from + index);
      const next = from + items.length;
      return Promise.resolve({ items, ...(next < 600 ? { nextCursor: String(next) } : {}) });
    };
    expect(await allItems(pages)).toHaveLength(600);
    expect(queries).toEqual([{ limit: 500 }, { limit: 500, cursor: '500' }]);
    expect(await allItems(pages, 3)).toEqual([0, 1, 2]);
  });
});
