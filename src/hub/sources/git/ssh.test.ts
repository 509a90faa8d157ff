import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RepositoryCredentials } from '#libs/sources/credentials';
import { makeLocalSsh, makeRepository, type TestRepository } from '#test/harness/git';
import type { FetchOutcome, FetchRequest } from './port';
import { GitRepositoriesOnDisk } from './repositories';

const key = '-----BEGIN TEST KEY-----';
const good: RepositoryCredentials = { kind: 'ssh', privateKey: key, knownHosts: 'git.test ssh-ed25519 AAAA\n' };
let folder: string;
let origin: TestRepository;
let ssh: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-ssh-test-'));
  origin = await makeRepository(join(folder, 'app'));
  await origin.commit({ a: '1' });
  ssh = await makeLocalSsh(join(folder, 'ssh'), key);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function fetch(request: Partial<FetchRequest>, sshCommand = [ssh]): Promise<FetchOutcome> {
  const dataFolder = await mkdtemp(join(folder, 'data-'));
  const repositories = new GitRepositoriesOnDisk({ dataFolder, allowLocalPaths: false, sshCommand });
  const url = `git@git.test:${origin.folder}`;
  const defaults = { sourceId: 'app', url, revision: { branch: 'main' }, timeoutMs: 10_000, credentials: good };
  const outcome = await repositories.fetch({ ...defaults, ...request });
  expect(JSON.stringify(outcome)).not.toContain(key);
  return outcome;
}

describe('Git over SSH', () => {
  it('reads with a key and a known host, and leaves no key behind', async () => {
    const before = await readdir(tmpdir());
    expect(await fetch({})).toMatchObject({ kind: 'fetched', name: 'main' });
    const left = (await readdir(tmpdir())).filter((name) => name.startsWith('flotilla-ssh-') && !before.includes(name));
    expect(left).toEqual([]);
  });

  it('needs known hosts, and says how to get them', async () => {
    expect(await fetch({ credentials: { kind: 'ssh', privateKey: key } })).toMatchObject({
      kind: 'failed',
      class: 'invalid',
      remedy: expect.stringMatching(/ssh-keyscan git.test/),
    });
  });

  it('needs a key', async () => {
    expect(await fetch({ credentials: undefined })).toMatchObject({ kind: 'failed', class: 'unauthorized' });
  });

  it.each([
    [
      'another host key',
      { ...good, knownHosts: 'other.test ssh-ed25519 AAAA' },
      'unauthorized',
      /host key of git.test/,
    ],
    ['a key that is not let in', { ...good, privateKey: 'other' }, 'unauthorized', /refused the private key/],
  ])('refuses %s', async (_case, credentials, failureClass, message) => {
    const outcome = await fetch({ credentials });
    expect(outcome).toMatchObject({ kind: 'failed', class: failureClass, message: expect.stringMatching(message) });
  });

  it('names a host that does not exist', async () => {
    const outcome = await fetch({ url: 'git@nowhere.invalid:app' }, ['ssh']);
    expect(outcome).toMatchObject({ kind: 'failed', class: 'unreachable', message: /nowhere.invalid/ });
  });

  it('ends a client that does not answer', async () => {
    const silent = ['sh', '-c', 'sleep 60'];
    expect(await fetch({ timeoutMs: 300 }, silent)).toMatchObject({ kind: 'failed', class: 'timeout' });
  });
});
