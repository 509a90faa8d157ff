import { Problem } from './problem';
import { requestContext } from './context';
import { createLogger, nestLogger } from './logging';
import { redact, redactText } from './redaction';

const apiToken = `flt_${'0123456789abcdef'.repeat(2)}_${'s'.repeat(43)}`;

describe('the log', () => {
  let lines: string[];
  const logger = () => createLogger('debug', { write: (line: string) => void lines.push(line) });
  const last = () => JSON.parse(lines.at(-1) ?? '{}');
  beforeEach(() => {
    lines = [];
  });

  it('is JSON, with the request and the actor of where it is written', () => {
    const actor = { id: '0198c1aa-0000', name: 'ci', role: 'viewer', scope: {} } as const;
    requestContext.run({ requestId: 'r-1', actor }, () => logger().info({ cluster: 'fra-1' }, 'done'));
    expect(last()).toMatchObject({
      level: 'info',
      service: 'flotilla-hub',
      msg: 'done',
      cluster: 'fra-1',
      requestId: 'r-1',
      actor: 'token:ci:0198c1aa',
    });
    logger().info('outside');
    expect(last().requestId).toBeUndefined();
  });

  it.each([
    [{ headers: { authorization: `Bearer ${apiToken}` } }, 'x'],
    [{ body: { joinToken: 'fj1.secretsecret' } }, 'x'],
    [{ password: 'secretsecret' }, 'x'],
    [{}, `token ${apiToken} and fj1.secretsecret`],
    [{ err: new Error(`postgres://root:secretsecret@db refused ${apiToken}`) }, 'x'],
  ])('hides secrets: %#', (fields, message) => {
    logger().warn(fields, message);
    expect(lines.join('')).not.toMatch(/secretsecret|sssss/);
    expect(lines.join('')).toContain('[hidden]');
  });

  it('leaves out what database errors carry beside their message', () => {
    const error = Object.assign(new Error('duplicate key'), {
      parameters: ['secretsecret'],
      query: 'INSERT',
      code: '23505',
    });
    logger().error({ err: error }, 'failed');
    expect(lines.join('')).not.toContain('secretsecret');
    expect(last().err).toMatchObject({ message: 'duplicate key', code: '23505' });
  });

  it('takes what Nest says, and only debugs what it says of its own start', () => {
    const nest = nestLogger(logger());
    nest.log('Mapped {/x, GET} route', 'RouterExplorer');
    expect(last()).toMatchObject({ level: 'debug', context: 'RouterExplorer' });
    nest.log({ msg: 'built roots', clusters: 3 }, 'RootsStage');
    expect(last()).toMatchObject({ level: 'info', msg: 'built roots', clusters: 3, context: 'RootsStage' });
    nest.error('broken', 'Error: broken\n at x', 'Stage');
    expect(last()).toMatchObject({ level: 'error', msg: 'broken', stack: expect.stringContaining('Error: broken') });
  });
});

describe('redaction', () => {
  it('hides members by name at any depth, and keeps the rest', () => {
    const at = new Date(0);
    expect(
      redact({
        name: 'a',
        spec: [{ webhookSecret: 'x', url: 'https://u:pw@git/x' }],
        at,
        token: null,
        hasSecret: true,
      }),
    ).toEqual({
      name: 'a',
      spec: [{ webhookSecret: '[hidden]', url: 'https://u:[hidden]@git/x' }],
      at,
      token: null,
      hasSecret: true,
    });
  });

  it('leaves text without secrets as it is', () => {
    expect(redactText('cluster fra-1 joined at https://hub:8420/x')).toBe('cluster fra-1 joined at https://hub:8420/x');
  });
});

describe('a problem', () => {
  it('names its first field, and how many more there are', () => {
    const problem = Problem.invalid([
      { field: 'spec.region', message: 'is missing' },
      { field: 'spec.x', message: 'there is no such field' },
    ]);
    expect(problem.document('r-1')).toEqual({
      type: 'https://flotilla.dev/problems/invalid',
      title: 'The request is not valid',
      status: 400,
      detail: 'spec.region: is missing (and 1 more)',
      errors: problem.more.errors,
      requestId: 'r-1',
    });
  });
});
