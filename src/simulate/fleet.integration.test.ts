import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '#test/harness/eventually';
import { makeRepository, type TestRepository } from '#test/harness/git';
import { HubProcess } from '#test/harness/hub-process';
import { type FreshDatabase, freshDatabase } from '#test/harness/postgres';
import { tokenInDatabase } from '#test/harness/tokens';
import { hubApi, expectOk, type HubApi } from './api';
import { type SimulatedFleet, startSimulatedFleet } from './fleet';
import type { FleetOptions } from './options';
import { deregisterSimulated } from './registration';

jest.setTimeout(300_000);
const withinMs = 120_000;
const manifest = (value: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: "${value}"}\n`;

interface Status {
  clusters: { total: number; online: number };
  targets: { total: number; inSync: number };
}

describe('a simulated fleet', () => {
  let database: FreshDatabase;
  let hub: HubProcess;
  let api: HubApi;
  let folder: string;
  let repository: TestRepository;
  let options: FleetOptions;
  let fleet: SimulatedFleet | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'flotilla-simulate-'));
    database = await freshDatabase();
    hub = await HubProcess.create({
      databaseUrl: database.url,
      encryptionKey: randomBytes(32).toString('base64'),
      dataFolder: path.join(folder, 'hub'),
      env: { FLOTILLA_AGENTS_HEARTBEAT_SECONDS: '2', FLOTILLA_AGENTS_UNKNOWN_AFTER_SECONDS: '30' },
    });
    await hub.start();
    const token = await tokenInDatabase(database.url, 'admin');
    api = hubApi({ url: hub.url, token });
    repository = await makeRepository(path.join(folder, 'repository'));
    await repository.commit({ 'app/config.yaml': manifest('one') });
    const dataFolder = path.join(folder, 'fleet');
    options = { hub: { url: hub.url, token }, clusters: 60, regions: 3, labels: { tier: 'web' }, dataFolder };
    const document = (kind: string, name: string, spec: object) => ({
      apiVersion: 'flotilla.dev/v1',
      kind,
      metadata: { name },
      spec,
    });
    const source = { url: path.join(folder, 'repository'), revision: { branch: 'main' }, pollSeconds: 5 };
    expectOk('a source', await api.put('/sources/fleet', document('Source', 'fleet', source)));
    const application = {
      source: 'fleet',
      path: 'app',
      namespace: 'default',
      placement: { matchLabels: { tier: 'web' } },
    };
    expectOk('an application', await api.put('/applications/app', document('Application', 'app', application)));
  });

  afterAll(async () => {
    await fleet?.stop();
    await api?.close();
    await hub?.stop();
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  const status = async (): Promise<Status> => expectOk('the status', await api.get('/status'));
  const inSync = async (): Promise<void> => {
    const { targets, clusters } = await status();
    expect(clusters).toMatchObject({ total: 60, online: 60 });
    expect(targets).toMatchObject({ total: 60, inSync: 60 });
  };

  it('joins, converges on an application, and follows a commit', async () => {
    fleet = await startSimulatedFleet(options);
    expect(await fleet.counts()).toMatchObject({ clusters: 60, running: 60, connected: 60, failed: 0 });
    await eventually(inSync, withinMs);
    const { roots } = await fleet.counts();
    await repository.commit({ 'app/config.yaml': manifest('two') });
    await eventually(async () => expect((await fleet!.counts()).roots).toBe(roots + 60), withinMs);
    await eventually(inSync, withinMs);
  });

  it('comes back as a whole after the hub was killed', async () => {
    await hub.kill();
    await eventually(async () => expect((await fleet!.counts()).connected).toBe(0), withinMs);
    await repository.commit({ 'app/config.yaml': manifest('three') });
    await hub.start();
    await eventually(async () => expect((await fleet!.counts()).connected).toBe(60), withinMs);
    await eventually(inSync, withinMs);
    await fleet!.stop();
  });

  it('goes on with the identities of a former run, in as many processes as one likes', async () => {
    execFileSync('node', [path.join(__dirname, '..', '..', 'scripts', 'build.js')], { stdio: 'pipe' });
    fleet = await startSimulatedFleet({ ...options, processes: 2 });
    expect(await fleet.counts()).toMatchObject({ clusters: 60, running: 60, connected: 60, failed: 0 });
    expect(await fleet.holding(1)).toBe(60);
    await eventually(inSync, withinMs);
    const joined = expectOk<{ items: unknown[] }>('the audit', await api.get('/audit?action=cluster.join&limit=500'));
    expect(joined.items).toHaveLength(60);
    await fleet.stop();
  });

  it('joins anew where identities are lost, and is deregistered without touching other clusters', async () => {
    fleet = await startSimulatedFleet({ ...options, clusters: 5, dataFolder: undefined });
    expect(await fleet.counts()).toMatchObject({ clusters: 5, running: 5, connected: 5, failed: 0 });
    await fleet.stop();
    const real = {
      apiVersion: 'flotilla.dev/v1',
      kind: 'Cluster',
      metadata: { name: 'sim-7' },
      spec: { region: 'eu' },
    };
    expectOk('a cluster', await api.post('/clusters', real));
    expect(await deregisterSimulated(api, 'sim', () => undefined)).toBe(60);
    expect((await status()).clusters.total).toBe(1);
  });

  it('says why a hub refuses it', async () => {
    const refused = startSimulatedFleet({ ...options, hub: { url: hub.url, token: 'flt_wrong' } });
    await expect(refused).rejects.toThrow(/clusters cannot be registered: /);
  });
});
