import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeRepository, type TestRepository } from '#test/harness/git';
import type { TreeLimits, TreeOutcome } from './port';
import { GitRepositoriesOnDisk } from './repositories';

let folder: string;
let origin: TestRepository;
let repositories: GitRepositoriesOnDisk;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-tree-'));
  origin = await makeRepository(join(folder, 'app'));
  repositories = new GitRepositoriesOnDisk({ dataFolder: join(folder, 'data'), allowLocalPaths: true });
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function read(path: string, limits: Partial<TreeLimits> = {}): Promise<TreeOutcome> {
  const commit = await origin.git('rev-parse', 'HEAD');
  return repositories.readTree({ sourceId: 'app', url: origin.folder, commit, path }, limits);
}

const texts = (outcome: TreeOutcome): Record<string, string> =>
  outcome.ok ? Object.fromEntries(outcome.files.map((file) => [file.path, file.content.toString()])) : {};

describe('a tree', () => {
  it('is read in order of path, bytes as they are', async () => {
    const binary = Buffer.from([0, 255, 13, 10, 128]);
    await origin.commit({ 'b/z': 'z', 'b/a/x': 'x', 'b/ü.yaml': 'ü', 'b/raw': binary, c: 'c' });
    const outcome = await read('b');
    expect(Object.keys(texts(outcome))).toEqual(['a/x', 'raw', 'z', 'ü.yaml']);
    expect(outcome.ok && outcome.files[1]!.content.equals(binary)).toBe(true);
    expect(outcome).toMatchObject({ treeId: await origin.git('rev-parse', 'HEAD:b') });
  });

  it('names the closest folders when the path is missing', async () => {
    await origin.commit({ 'apps/web/a': '1', 'apps/worker/a': '1', 'apps/readme': '1' });
    expect(await read('apps/wab')).toMatchObject({
      ok: false,
      reason: 'pathMissing',
      message: expect.stringMatching(/no folder "apps\/wab".*the closest: apps\/web, apps\/worker/),
    });
    expect(await read('appz/web')).toMatchObject({ reason: 'pathMissing', message: expect.stringMatching(/"appz"/) });
  });

  it('has limits, each of which names what is over it', async () => {
    await origin.commit({ 'a/1': 'x'.repeat(100), 'a/2': 'x'.repeat(50), 'a/b/c/d/3': 'x' });
    const over = async (limits: Partial<TreeLimits>): Promise<unknown> => {
      const outcome = await read('a', limits);
      return outcome.ok ? 'read' : `${outcome.reason}: ${outcome.message}`;
    };
    expect(await over({})).toBe('read');
    expect(await over({ maxFiles: 2 })).toMatch(/^tooLarge: .*more than 2 files/);
    expect(await over({ maxFileBytes: 99 })).toMatch(/^tooLarge: "1" has 100 bytes/);
    expect(await over({ maxBytes: 120 })).toMatch(/^tooLarge: .*120 bytes/);
    expect(await over({ maxDepth: 3 })).toMatch(/^tooLarge: "b\/c\/d" is deeper/);
  });

  it('follows a link to a file inside, and refuses by name those that lead elsewhere', async () => {
    await origin.commit({
      'app/real.yaml': 'real',
      'app/sub/link.yaml': { link: '../chain.yaml' },
      'app/chain.yaml': { link: 'real.yaml' },
    });
    expect(texts(await read('app'))).toMatchObject({ 'sub/link.yaml': 'real', 'chain.yaml': 'real' });

    const refused = async (link: string): Promise<string> => {
      await origin.commit({ 'app/bad.yaml': { link }, 'secret/key': 'k' });
      const outcome = await read('app');
      return outcome.ok ? 'read' : `${outcome.reason}: ${outcome.message}`;
    };
    expect(await refused('../secret/key')).toMatch(/^link: .*"bad.yaml" leads out of the path/);
    expect(await refused('/etc/passwd')).toMatch(/^link: .*leads out of the path.*"\/etc\/passwd"/);
    expect(await refused('sub')).toMatch(/^link: .*leads to no file/);
    expect(await refused('gone')).toMatch(/^link: .*leads to no file/);
    expect(await refused('bad.yaml')).toMatch(/^link: .*more than 8 links/);
  });

  it('refuses a path through a link, and a submodule', async () => {
    await origin.commit({ 'real/a': '1', alias: { link: 'real' } });
    expect(await read('alias')).toMatchObject({ ok: false, reason: 'link', message: /"alias"/ });
    const head = await origin.git('rev-parse', 'HEAD');
    await origin.git('update-index', '--add', '--cacheinfo', `160000,${head},real/module`);
    await origin.git('commit', '--quiet', '-m', 'Add a submodule');
    expect(await read('real')).toMatchObject({ ok: false, reason: 'submodule', message: /"real|module"/ });
  });
});

describe('a local repository', () => {
  it('may be a linked work tree', async () => {
    await origin.commit({ 'a/b': '1' });
    await origin.git('worktree', 'add', '--quiet', '-b', 'side', join(folder, 'side'));
    const url = join(folder, 'side');
    const outcome = await repositories.fetch({ sourceId: 'x', url, revision: { branch: 'side' }, timeoutMs: 5000 });
    expect(outcome).toMatchObject({ kind: 'fetched', name: 'side' });
  });

  it('that borrows objects, or is too large, is refused by name', async () => {
    await origin.commit({ 'a/b': '1' });
    await origin.pack();
    const request = { sourceId: 'x', revision: { branch: 'main' }, timeoutMs: 5000 };
    const limited = await repositories.fetch({ ...request, url: origin.folder, limits: { maxPackBytes: 10 } });
    expect(limited).toMatchObject({ kind: 'failed', class: 'tooLarge' });
    await origin.git('clone', '--quiet', '--shared', origin.folder, join(folder, 'shared'));
    const shared = await repositories.fetch({ ...request, url: join(folder, 'shared') });
    expect(shared).toMatchObject({ kind: 'failed', class: 'invalid', message: expect.stringMatching(/alternates/) });
  });

  it('that is repacked while it is read stays readable', async () => {
    await origin.commit({ 'a/b': '1' });
    expect((await read('a')).ok).toBe(true);
    await origin.pack();
    await origin.commit({ 'a/c': '2' });
    await origin.pack();
    expect(Object.keys(texts(await read('a')))).toEqual(['b', 'c']);
  });
});
