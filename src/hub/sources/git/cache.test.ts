import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type GitServer, makeRepository, serveGit, type TestRepository } from '#test/harness/git';
import type { FetchOutcome, FetchRequest } from './port';
import { GitRepositoriesOnDisk } from './repositories';

jest.setTimeout(60_000);

let folder: string;
let origin: TestRepository;
let server: GitServer;
let repositories: GitRepositoriesOnDisk;
const sourceId = 'source-app';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-cache-'));
  origin = await makeRepository(join(folder, 'served', 'app'));
  server = await serveGit(join(folder, 'served'));
  repositories = make();
});

afterEach(async () => {
  await repositories.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** As after a restart: what was kept in memory is gone. */
async function restart(): Promise<void> {
  await repositories.close();
  repositories = make();
}

function make(): GitRepositoriesOnDisk {
  return new GitRepositoriesOnDisk({
    dataFolder: join(folder, 'data'),
    allowLocalPaths: false,
    allowInsecureHttp: true,
    maxCachedPacks: 4,
  });
}

const url = (): string => `${server.url}/app`;
const fetch = (request: Partial<FetchRequest> = {}): Promise<FetchOutcome> =>
  repositories.fetch({ sourceId, url: url(), revision: { branch: 'main' }, timeoutMs: 20_000, ...request });

async function cacheFiles(part: string): Promise<string[]> {
  const root = join(folder, 'data', 'repositories');
  const names = await readdir(root, { recursive: true });
  return names.filter((name) => name.includes(sourceId) && name.includes(part)).map((name) => join(root, name));
}

describe('the cache of a source', () => {
  it('is asked before the network', async () => {
    const first = await origin.commit({ a: '1' });
    await fetch();
    const before = server.requests.length;
    await fetch({ lastCommit: first });
    // The two requests of a listing, and no download.
    expect(server.requests.length - before).toBe(2);
    expect(await fetch({ revision: { commit: first }, lastCommit: first })).toMatchObject({ kind: 'unchanged' });
    expect(server.requests.length - before).toBe(2);
  });

  it('that is broken is thrown away and filled again', async () => {
    const first = await origin.commit({ a: '1' });
    await fetch();
    for (const pack of await cacheFiles('.pack')) await writeFile(pack, 'garbage');
    await restart();
    expect(await repositories.readTree({ sourceId, url: url(), commit: first, path: '' })).toMatchObject({
      ok: false,
      reason: 'commitMissing',
    });
    expect(await repositories.ensureCommit({ sourceId, url: url(), commit: first, timeoutMs: 9000 })).toEqual({
      kind: 'present',
    });
    expect(await repositories.readTree({ sourceId, url: url(), commit: first, path: '' })).toMatchObject({ ok: true });

    for (const index of await cacheFiles('.idx')) await writeFile(index, 'garbage');
    await restart();
    const second = await origin.commit({ a: '2' });
    expect(await fetch({ lastCommit: first })).toMatchObject({ kind: 'fetched', commit: second, rewritten: false });
  });

  it('survives the server: what was fetched stays readable', async () => {
    const first = await origin.commit({ a: '1' });
    await fetch();
    const location = { sourceId, url: url(), commit: first, path: '' };
    await server.close();
    await restart();
    expect(await fetch({ lastCommit: first })).toMatchObject({ kind: 'failed', class: 'unreachable' });
    expect(await repositories.readTree(location)).toMatchObject({ ok: true });
    server = await serveGit(join(folder, 'served'));
  });

  it('takes fetches of one source one after the other', async () => {
    const first = await origin.commit({ a: '1' });
    const outcomes = await Promise.all([fetch(), fetch(), fetch()]);
    expect(outcomes.map((outcome) => outcome.kind === 'fetched' && outcome.commit)).toEqual([first, first, first]);
    // Three listings, one download.
    expect(server.requests.filter((request) => request.startsWith('POST'))).toHaveLength(4);
    expect((await cacheFiles('.idx')).length).toBe(1);
  });

  it('is not shared with another address of the source', async () => {
    const first = await origin.commit({ a: '1' });
    await fetch();
    const other = await makeRepository(join(folder, 'served', 'other'));
    await other.commit({ b: '1' });
    await fetch({ url: `${server.url}/other` });
    const elsewhere = { sourceId, url: `${server.url}/other`, commit: first, path: '' };
    expect(await repositories.readTree(elsewhere)).toMatchObject({ ok: false, reason: 'commitMissing' });
    expect(await cacheFiles('HEAD')).toHaveLength(1);
  });

  it('goes when the source is forgotten', async () => {
    await origin.commit({ a: '1' });
    await fetch();
    await repositories.forget(sourceId);
    await repositories.forget(sourceId);
    expect(await cacheFiles('')).toEqual([]);
    expect(await fetch()).toMatchObject({ kind: 'fetched' });
  });

  it('is told of by its source, and not what a crash left half removed', async () => {
    await origin.commit({ a: '1' });
    await fetch();
    const [one] = await cacheFiles('HEAD');
    const trash = join(dirname(dirname(dirname(one!))), `gone.trash-${randomUUID()}`);
    await mkdir(trash);
    expect(await repositories.cachedSources()).toEqual([sourceId]);
    await expect(readdir(trash)).rejects.toThrow('ENOENT');
  });

  it('stays small over many fetches', async () => {
    let lastCommit = await origin.commit({ a: '0' });
    await fetch();
    for (let i = 1; i <= 9; i += 1) {
      const next = await origin.commit({ a: String(i) });
      expect(await fetch({ lastCommit })).toMatchObject({ commit: next, rewritten: false });
      lastCommit = next;
    }
    expect((await cacheFiles('.idx')).length).toBeLessThanOrEqual(4);
  });

  it('is not shared with another process on the same data folder, while both fetch', async () => {
    const other = make();
    try {
      let lastCommit: string | undefined;
      for (let i = 0; i < 6; i += 1) {
        const commit = await origin.commit({ a: String(i) });
        const request = { sourceId, url: url(), revision: { branch: 'main' }, timeoutMs: 20_000, lastCommit };
        const outcomes = await Promise.all([repositories.fetch(request), other.fetch(request)]);
        expect(outcomes).toMatchObject([
          { commit, kind: 'fetched' },
          { commit, kind: 'fetched' },
        ]);
        for (const hub of [repositories, other]) {
          const tree = await hub.readTree({ sourceId, url: url(), commit, path: '' });
          expect(tree).toMatchObject({ ok: true, files: [{ path: 'a' }] });
        }
        lastCommit = commit;
      }
      await other.forget(sourceId);
      expect(await fetch({ revision: { commit: lastCommit! } })).toMatchObject({ kind: 'fetched', commit: lastCommit });
    } finally {
      await other.close();
    }
  });
});
