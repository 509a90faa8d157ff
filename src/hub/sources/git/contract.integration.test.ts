/** One contract for every way to a repository: the same commits, the same trees, the same failures. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RevisionSpec } from '#libs/sources/revision';
import { type GitServer, makeLocalSsh, makeRepository, serveGit, type TestRepository } from '#test/harness/git';
import type { FetchOutcome, FetchRequest } from './port';
import { GitRepositoriesOnDisk } from './repositories';

jest.setTimeout(60_000);

const key = '-----BEGIN TEST KEY-----';
/** `large`: as if everything were, so through the system's git, with and without a server that leaves contents out. */
const ways = [
  'local work tree',
  'local bare',
  'HTTP protocol 2',
  'HTTP protocol 1',
  'HTTP, large',
  'HTTP, large, in parts',
  'HTTP protocol 1, large',
  'SSH',
  'SSH, large',
] as const;

describe.each(ways)('a repository by %s', (way) => {
  let folder: string;
  let origin: TestRepository;
  let server: GitServer | undefined;
  let repositories: GitRepositoriesOnDisk;
  let location: Pick<FetchRequest, 'sourceId' | 'url' | 'credentials'>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flotilla-git-'));
    origin = await makeRepository(join(folder, 'served', 'app'));
    const sshCommand = [await makeLocalSsh(join(folder, 'ssh'), key)];
    const options = { dataFolder: join(folder, 'data'), allowLocalPaths: true, allowInsecureHttp: true, sshCommand };
    const large = way.includes('large') ? { largeFromBytes: 0 } : { withGit: false };
    repositories = new GitRepositoriesOnDisk({ ...options, ...large });
    location = { sourceId: 'app', url: origin.folder };
    if (way.startsWith('HTTP')) {
      server = await serveGit(join(folder, 'served'), {
        protocol1Only: way.includes('protocol 1'),
        filters: way.includes('in parts'),
      });
      location.url = `${server.url}/app`;
    } else if (way.startsWith('SSH')) {
      location.url = `ssh://git@git.test${origin.folder}`;
      location.credentials = { kind: 'ssh', privateKey: key, knownHosts: 'git.test ssh-ed25519 AAAA' };
    } else if (way === 'local bare') {
      location.url = `file://${join(folder, 'bare.git')}`;
      await origin.git('clone', '--quiet', '--mirror', origin.folder, join(folder, 'bare.git'));
    }
  });

  afterEach(async () => {
    await repositories.close();
    await server?.close();
    server = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  async function fetch(revision: RevisionSpec, last: Partial<FetchRequest> = {}): Promise<FetchOutcome> {
    if (way === 'local bare') {
      await origin.git('-C', join(folder, 'bare.git'), 'remote', 'update', '--prune');
      await origin.git('-C', join(folder, 'bare.git'), 'pack-refs', '--all');
    }
    return repositories.fetch({ ...location, revision, timeoutMs: 20_000, ...last });
  }

  async function textsOf(commit: string, path: string): Promise<Record<string, string>> {
    let tree = await repositories.readTree({ ...location, commit, path });
    if (!tree.ok && tree.reason === 'commitMissing' && way.includes('in parts')) {
      expect(await repositories.ensureCommit({ ...location, commit, path, timeoutMs: 20_000 })).toEqual({
        kind: 'present',
      });
      tree = await repositories.readTree({ ...location, commit, path });
    }
    if (!tree.ok) throw new Error(tree.message);
    return Object.fromEntries(tree.files.map((file) => [file.path, file.content.toString()]));
  }

  it('follows a branch, and says when it has not moved', async () => {
    const first = await origin.commit({ 'apps/web/a.yaml': 'a: 1', 'apps/web/sub/b.yaml': 'b: 1', 'other/c': 'c' });
    const fetched = await fetch({ branch: 'main' });
    expect(fetched).toMatchObject({
      kind: 'fetched',
      commit: first,
      name: 'main',
      author: 'Ada Fleet',
      subject: 'Change files',
      rewritten: false,
    });
    expect(await textsOf(first, 'apps/web')).toEqual({ 'a.yaml': 'a: 1', 'sub/b.yaml': 'b: 1' });
    expect(await fetch({ branch: 'main' }, { lastCommit: first })).toEqual({
      kind: 'unchanged',
      commit: first,
      name: 'main',
    });

    await origin.commit({ 'x/1': '1' });
    await origin.commit({ 'x/2': '2' });
    const next = await origin.commit({ 'apps/web/a.yaml': 'a: 2' });
    expect(await fetch({ branch: 'main' }, { lastCommit: first })).toMatchObject({ commit: next, rewritten: false });
    expect(await textsOf(next, 'apps/web')).toEqual({ 'a.yaml': 'a: 2', 'sub/b.yaml': 'b: 1' });
    expect(await textsOf(next, 'apps/web/sub')).toEqual({ 'b.yaml': 'b: 1' });

    const reverted = await origin.revert();
    expect(await fetch({ branch: 'main' }, { lastCommit: next })).toMatchObject({ commit: reverted, rewritten: false });
    expect(await textsOf(reverted, 'apps/web')).toEqual({ 'a.yaml': 'a: 1', 'sub/b.yaml': 'b: 1' });
  });

  it('gives one id to equal folders, whatever else changed', async () => {
    const first = await origin.commit({ 'apps/web/a.yaml': 'a', 'apps/api/a.yaml': 'a' });
    await fetch({ branch: 'main' });
    const second = await origin.commit({ 'apps/api/a.yaml': 'b' });
    await fetch({ branch: 'main' }, { lastCommit: first });
    const idOf = async (commit: string, path: string): Promise<unknown> => {
      const outcome = await repositories.treeIdOf({ ...location, commit, path });
      return outcome.ok ? outcome.treeId : outcome.reason;
    };
    expect(await idOf(second, 'apps/web')).toBe(await origin.git('rev-parse', 'HEAD:apps/web'));
    expect(await idOf(second, 'apps/web')).toBe(await idOf(first, 'apps/web'));
    expect(await idOf(second, 'apps/api')).not.toBe(await idOf(first, 'apps/api'));
    expect(await idOf(second, 'apps/gone')).toBe('pathMissing');
    expect(await idOf(second, 'apps/web/a.yaml')).toBe('notAFolder');
    expect(await idOf(second, '../x')).toBe('invalidPath');
    expect(await idOf('f'.repeat(40), 'apps')).toBe('commitMissing');
  });

  it('follows tags by pattern and by range, annotated or not', async () => {
    const first = await origin.commit({ a: '1' });
    await origin.tag('v1.9.0', { annotated: true });
    const second = await origin.commit({ a: '2' });
    await origin.tag('v1.10.0');
    const third = await origin.commit({ a: '3' });
    await origin.tag('v2.0.0-rc.1', { annotated: true });
    expect(await fetch({ semver: '1.x' })).toMatchObject({ commit: second, name: 'v1.10.0' });
    expect(await fetch({ semver: '<1.10' })).toMatchObject({ commit: first, name: 'v1.9.0' });
    expect(await fetch({ tag: 'v*' })).toMatchObject({ commit: third, name: 'v2.0.0-rc.1' });
    expect(await fetch({ tag: 'v*' }, { lastCommit: third })).toMatchObject({ kind: 'unchanged', commit: third });
    expect(await fetch({ semver: '>=3' })).toMatchObject({ kind: 'failed', class: 'revisionNotFound' });
    expect(await fetch({ tag: 'w*' })).toMatchObject({ kind: 'failed', message: expect.stringMatching(/closest: v/) });
    expect(await textsOf(first, '')).toEqual({ a: '1' });
  });

  it('notices a tag that was moved', async () => {
    const first = await origin.commit({ a: '1' });
    await origin.tag('stable');
    await fetch({ tag: 'stable' });
    const second = await origin.commit({ a: '2' });
    await origin.tag('stable', { force: true, annotated: true });
    const last = { lastCommit: first, lastName: 'stable' };
    expect(await fetch({ tag: 'stable' }, last)).toMatchObject({ commit: second, rewritten: true });
  });

  it('reads a pinned commit that no ref points at', async () => {
    const pinned = await origin.commit({ a: '1' });
    await origin.commit({ a: '2' });
    const tip = await origin.commit({ a: '3' });
    await fetch({ branch: 'main' });
    expect(await fetch({ commit: pinned }, { lastCommit: tip })).toMatchObject({
      kind: 'fetched',
      commit: pinned,
      name: pinned.slice(0, 12),
      rewritten: false,
    });
    expect(await textsOf(pinned, '.')).toEqual({ a: '1' });
    expect(await fetch({ commit: 'e'.repeat(40) })).toMatchObject({ kind: 'failed', class: 'revisionNotFound' });
  });

  it('says that history was rewritten', async () => {
    const root = await origin.commit({ a: '1' });
    const lost = await origin.commit({ a: '2' });
    await fetch({ branch: 'main' });
    const next = await origin.forcePush(root, { a: '3' });
    expect(await fetch({ branch: 'main' }, { lastCommit: lost })).toMatchObject({ commit: next, rewritten: true });
    await origin.git('reset', '--quiet', '--hard', root);
    expect(await fetch({ branch: 'main' }, { lastCommit: next })).toMatchObject({ commit: root, rewritten: true });
  });

  it('keeps what it has when the branch vanishes, and names the closest', async () => {
    const first = await origin.commit({ a: '1' });
    await origin.branch('release');
    await fetch({ branch: 'release' });
    await origin.deleteBranch('release');
    const outcome = await fetch({ branch: 'release' }, { lastCommit: first });
    expect(outcome).toMatchObject({ kind: 'failed', class: 'revisionNotFound' });
    expect(outcome).toMatchObject({ message: expect.stringMatching(/no branch "release"; the closest: main/) });
    expect(await textsOf(first, '')).toEqual({ a: '1' });
  });

  it('reads a repository without commits as one without branches', async () => {
    expect(await fetch({ branch: 'main' })).toMatchObject({ kind: 'failed', class: 'revisionNotFound' });
  });

  it('reads packed objects and refs, and a branch that HEAD does not name', async () => {
    await origin.git('symbolic-ref', 'HEAD', 'refs/heads/elsewhere');
    await origin.commit({ 'a/b': 'x'.repeat(10_000) });
    const tip = await origin.commit({ 'a/c': 'y' });
    await origin.branch('main', tip);
    await origin.tag('v1.0.0', { annotated: true });
    await origin.pack();
    await origin.git('symbolic-ref', 'HEAD', 'refs/heads/unborn');
    expect(await fetch({ branch: 'main' })).toMatchObject({ kind: 'fetched', commit: tip });
    expect(await fetch({ semver: '1' }, { lastCommit: tip })).toMatchObject({ kind: 'unchanged', commit: tip });
    expect(Object.keys(await textsOf(tip, 'a'))).toEqual(['b', 'c']);
  });

  it('brings a commit to a replica that lacks it', async () => {
    const old = await origin.commit({ a: '1' });
    const tip = await origin.commit({ a: '2' });
    await fetch({ branch: 'main' }, { lastCommit: tip });
    for (const commit of [tip, old]) {
      expect(await repositories.ensureCommit({ ...location, commit, timeoutMs: 20_000 })).toEqual({ kind: 'present' });
    }
    expect(await textsOf(old, '')).toEqual({ a: '1' });
    expect(await textsOf(tip, '')).toEqual({ a: '2' });
    const gone = await repositories.ensureCommit({ ...location, commit: 'd'.repeat(40), timeoutMs: 20_000 });
    expect(gone).toMatchObject({ kind: 'failed', class: 'revisionNotFound' });
  });

  it('names a repository that is not there', async () => {
    location.url = location.url.replace(/(app|bare\.git)$/, 'gone');
    const outcome = await repositories.fetch({ ...location, revision: { branch: 'main' }, timeoutMs: 20_000 });
    expect(outcome).toMatchObject({ kind: 'failed', class: 'notFound' });
  });
});
