import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type RunningAgent, startAgent } from '#src/agent/agent';
import { memoryKubernetes } from '#src/agent/kubernetes/memory/memory-kubernetes';
import { applicationSpecSchema } from '#libs/resources/application';
import { eventually } from '#test/harness/eventually';
import { makeRepository } from '#test/harness/git';
import { startTestHub, type TestHub } from '#test/harness/hub';

describe('the ring in one process, on a simulated cluster', () => {
  let hub: TestHub;
  let folder: string;
  let agent: RunningAgent;
  const kubernetes = memoryKubernetes();
  const configMap = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'a' };

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'flotilla-delivery-'));
    hub = await startTestHub({ agents: { heartbeatSeconds: 1 } });
  });
  afterAll(async () => {
    await agent?.stop();
    await hub?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('brings a commit to the cluster, and what runs there back', async () => {
    const repository = await makeRepository(folder);
    const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: "${cluster.name}"}\n';
    await repository.commit({ 'app/config.yaml': manifest });
    const { body } = await hub.request.post('/api/v1/clusters').send({
      apiVersion: 'flotilla.dev/v1',
      kind: 'Cluster',
      metadata: { name: 'one' },
      spec: { region: 'eu' },
    });
    const source = randomUUID();
    await hub.database.execute(`INSERT INTO sources (id, name, spec) VALUES ($1, 's', $2)`, [
      source,
      JSON.stringify({ url: folder, revision: { branch: 'main' }, pollSeconds: 5 }),
    ]);
    const spec = applicationSpecSchema.parse({ source: 's', path: 'app', placement: { all: true } });
    await hub.database.execute(`INSERT INTO applications (id, name, source_id, spec) VALUES ($1, 'app', $2, $3)`, [
      randomUUID(),
      source,
      JSON.stringify(spec),
    ]);
    agent = await startAgent({ kubernetes, hubUrl: hub.url, joinToken: body.join.joinToken, bootstrap: true });
    await eventually(async () => expect(kubernetes.peek(configMap)).toMatchObject({ data: { x: 'one' } }));
    await eventually(async () => {
      const [row] = await hub.database.query(`SELECT phase, health, drifted FROM target_status`);
      expect(row).toEqual({ phase: 'applied', health: 'healthy', drifted: 0 });
    });
    await eventually(async () => {
      const [row] = await hub.database.query(`SELECT session, epoch, generation FROM heartbeats`);
      const [root] = await hub.database.query('SELECT epoch, generation FROM roots');
      expect(row).toEqual({ session: 1, ...root });
    });
    await eventually(async () => {
      expect(await hub.database.query(`SELECT state FROM rollouts`)).toEqual([{ state: 'completed' }]);
    });
    expect(await hub.database.query('SELECT reason FROM dead_letters')).toEqual([]);
  });
});
