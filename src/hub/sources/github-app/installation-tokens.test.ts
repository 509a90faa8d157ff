import { generateKeyPairSync } from 'node:crypto';
import type { GitHubAppCredentials } from '#libs/sources/credentials';
import { Outgoing } from '#src/net/outgoing';
import { type GitHubAppApi, startGitHubAppApi } from '#test/harness/github-app';
import { InstallationTokens, type TokenOutcome } from './installation-tokens';

let api: GitHubAppApi;
let tokens: InstallationTokens;

beforeEach(async () => {
  api = await startGitHubAppApi();
  tokens = new InstallationTokens(new Outgoing());
});
afterEach(() => api.close());

const app = (more: Partial<GitHubAppCredentials> = {}): GitHubAppCredentials => ({
  kind: 'githubApp',
  ...api.app,
  apiUrl: api.url,
  ...more,
});
const ask = async (more: Partial<GitHubAppCredentials> = {}, timeoutMs = 10_000): Promise<TokenOutcome> => {
  const outcome = await tokens.tokenFor(app(more), { timeoutMs });
  expect(JSON.stringify(outcome)).not.toContain('PRIVATE KEY');
  return outcome;
};

describe('a token of an installation', () => {
  it('may read contents and nothing else, and is kept for all sources of the App', async () => {
    const outcomes = await Promise.all([ask(), ask(), ask({ apiUrl: api.url })]);
    expect(await ask()).toEqual({ kind: 'issued', token: api.issued[0] });
    expect(outcomes).toEqual(outcomes.map(() => ({ kind: 'issued', token: api.issued[0] })));
    expect(api.issued).toHaveLength(1);
    expect(api.asked).toEqual([{ permissions: { contents: 'read', metadata: 'read' } }]);
  });

  it('is renewed before it expires, and after it was refused', async () => {
    api.lifeSeconds = 300;
    await ask();
    api.lifeSeconds = 3600;
    expect(await ask()).toMatchObject({ token: api.issued[1] });
    expect(await ask()).toMatchObject({ token: api.issued[1] });
    tokens.forget(app());
    expect(await ask()).toMatchObject({ token: api.issued[2] });
  });

  it('is not given to another App, or for an installation that is not there, and who asks is told', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const privateKey = other.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(await ask({ privateKey })).toMatchObject({ kind: 'failed', class: 'unauthorized', message: /401/ });
    expect(await ask({ appId: '1' })).toMatchObject({ class: 'unauthorized', remedy: /appId/ });
    expect(await ask({ installationId: '9' })).toMatchObject({ class: 'unauthorized', remedy: /installationId/ });
    expect(await ask({ privateKey: 'garbage' })).toMatchObject({ class: 'unauthorized', message: /private key/ });
    expect(api.issued).toEqual([]);
  });

  it.each([
    [429, {}, 'unreachable'],
    [403, { message: 'API rate limit exceeded' }, 'unreachable'],
    [403, { message: 'This installation has been suspended' }, 'unauthorized'],
    [422, { message: 'The permissions requested are not granted to this installation.' }, 'unauthorized'],
    [502, '<html>', 'unreachable'],
    [201, { token: 'x' }, 'invalid'],
    [200, {}, 'invalid'],
  ])('is not there when the API answers %d with %j', async (status, body, failureClass) => {
    api.refuseWith = { status, body };
    expect(await ask()).toMatchObject({ kind: 'failed', class: failureClass });
    api.refuseWith = undefined;
    expect(await ask()).toMatchObject({ kind: 'issued' });
  });

  it('is not there when nobody listens', async () => {
    await api.close();
    expect(await ask()).toMatchObject({ kind: 'failed', class: 'unreachable', message: /ECONNREFUSED/ });
    api = await startGitHubAppApi();
  });
});
