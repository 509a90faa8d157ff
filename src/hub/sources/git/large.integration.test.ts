/** A repository larger than the memory that a hub may use for it: 20,000 files, 200 MB, of which one folder is deployed. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localApi } from '#src/demo/local-api';
import { eventually } from '#test/harness/eventually';
import { type GitServer, serveGit } from '#test/harness/git';
import { HubProcess } from '#test/harness/hub-process';
import { makeLargeRepository } from '#test/harness/large-repository';
import { type FreshDatabase, freshDatabase } from '#test/harness/postgres';
import { tokenInDatabase } from '#test/harness/tokens';
import { GitRepositoriesOnDisk } from './repositories';

const mebibyte = 1024 * 1024;
const encryptionKey = randomBytes(32).toString('base64');
const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\n';
let folder: string;
let server: GitServer;
let commit: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-large-'));
  const more = { 'apps/web/config.yaml': manifest };
  const origin = await makeLargeRepository(join(folder, 'served', 'mono'), { files: 20_000, fileBytes: 10_000, more });
  commit = await origin.git('rev-parse', 'main');
}, 120_000);

afterEach(() => server.close());
afterAll(() => rm(folder, { recursive: true, force: true }));

async function folderBytes(path: string): Promise<number> {
  let sizeBytes = 0;
  for (const name of await readdir(path, { recursive: true })) {
    const found = await stat(join(path, name)).catch(() => undefined);
    if (found?.isFile() === true) sizeBytes += found.size;
  }
  return sizeBytes;
}

/** The most that the process has held in memory so far. */
async function peakBytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

describe('a large repository', () => {
  let database: FreshDatabase;
  let hub: HubProcess;

  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterEach(() => hub?.kill());
  afterAll(() => database.drop());

  it.each([
    ['with a server that leaves contents out', true, 40],
    ['with one that sends everything', false, 300],
  ])(
    '%s is read in a memory that does not grow with it',
    async (_, filters, maxCacheMebibytes) => {
      server = await serveGit(join(folder, 'served'), { filters });
      const dataFolder = await mkdtemp(join(folder, 'data-'));
      const env = { FLOTILLA_SOURCES_ALLOW_INSECURE_HTTP: 'true' };
      hub = await HubProcess.create({ databaseUrl: database.url, encryptionKey, dataFolder, env });
      await hub.start();
      const api = localApi(hub.url, await tokenInDatabase(database.url, 'admin'));
      const name = filters ? 'parts' : 'whole';
      const before = await peakBytes(hub.pid);
      const spec = { url: `${server.url}/mono`, pollSeconds: 86_400 };
      await api.put(`/sources/${name}`, { metadata: { name }, spec });
      await eventually(async () => {
        const { status } = (await api.get(`/sources/${name}`)).body as { status: Record<string, unknown> };
        expect(status).toMatchObject({ state: 'ready', commit });
      }, 90_000);
      const app = { source: name, path: 'apps/web', namespace: 'web', placement: { all: true } };
      await api.put(`/applications/${name}`, { metadata: { name }, spec: app });
      await eventually(async () => {
        const { status } = (await api.get(`/applications/${name}`)).body as { status: Record<string, unknown> };
        expect(JSON.stringify(status)).toContain(commit);
      }, 60_000);
      expect(hub.logs.join()).not.toContain('cannot be read');
      expect((await peakBytes(hub.pid)) - before).toBeLessThan(150 * mebibyte);
      expect(await folderBytes(join(dataFolder, 'repositories'))).toBeLessThan(maxCacheMebibytes * mebibyte);
    },
    240_000,
  );

  it('is refused beyond the limit where there is no git, and git is named as what helps', async () => {
    server = await serveGit(join(folder, 'served'), { filters: true });
    const options = { dataFolder: join(folder, 'without'), allowLocalPaths: false, allowInsecureHttp: true };
    const request = { sourceId: 'mono', url: `${server.url}/mono`, revision: { branch: 'main' }, timeoutMs: 60_000 };
    const limits = { maxPackBytes: 8 * mebibyte };
    const without = new GitRepositoriesOnDisk({ ...options, withGit: false });
    expect(await without.fetch({ ...request, limits })).toMatchObject({
      kind: 'failed',
      class: 'tooLarge',
      remedy: expect.stringMatching(/install git/),
    });
    await without.close();
    const withGit = new GitRepositoriesOnDisk({ ...options, largeFromBytes: mebibyte });
    expect(await withGit.fetch({ ...request, limits })).toMatchObject({ kind: 'fetched', commit });
    await withGit.close();
  }, 120_000);
});
