import { setTimeout as sleep } from 'node:timers/promises';
import { RootsStage } from '#src/hub/desired-state/roots.stage';
import { RolloutsRepository } from '#src/hub/rollouts/rollouts.repository';
import { eventually } from '#test/harness/eventually';
import type { TestHub } from '#test/harness/hub';
import { openAllGates, pauseAfter } from './parts/gate';
import { keepHistory } from './parts/history';
import { configMap, managedObjects, Ring } from './parts/ring';

const applications = ['shop', 'bank'];

/** Safety rule 12: after a halt nothing in its scope is authorised until someone resumes, and nothing is begun. */
describe('a halt', () => {
  let ring: Ring;
  let other: TestHub;
  let version = 0;

  beforeAll(async () => {
    ring = await Ring.start();
    await keepHistory(ring);
    other = await ring.addHub();
    for (const [name, region] of [
      ['eu-1', 'eu'],
      ['eu-2', 'eu'],
      ['us-1', 'us'],
    ] as const) {
      await ring.addCluster(name, { region });
    }
    await ring.declareSource();
    const commit = await release();
    for (const name of applications) await ring.declare(name);
    await ring.inSync(commit);
    await ring.agentsCaughtUp();
  });
  afterEach(openAllGates);
  afterAll(() => ring?.stop());

  async function release(hub = ring.hub): Promise<string> {
    version += 1;
    const files = applications.map((name) => [`${name}/all.yaml`, configMap(name, { version: `${version}` })]);
    return await ring.push(Object.fromEntries(files), `Version ${version}`, hub);
  }
  const halt = (scope: object, hub = ring.hub) =>
    hub.request
      .post('/api/v1/holds')
      .send({ reason: 'an incident', ...scope })
      .expect(201);
  const resume = (scope: object, hub = ring.hub) => hub.request.post('/api/v1/holds/release').send(scope).expect(200);
  const authorised = async () =>
    (await ring.rows('SELECT count(*)::int AS count FROM authorised'))[0]!['count'] as number;
  /** Application and cluster of those that run this version, as they are in the clusters. */
  const running = (wanted: number) =>
    [...ring.clusters.values()]
      .flatMap(({ name, kubernetes }) =>
        [...managedObjects(kubernetes).values()]
          .filter((object) => (object['data'] as { version: string }).version === `${wanted}`)
          .map(({ metadata }) => `${metadata.name}@${name}`),
      )
      .sort();
  const everywhere = ['bank@eu-1', 'bank@eu-2', 'bank@us-1', 'shop@eu-1', 'shop@eu-2', 'shop@us-1'];
  /** Both hubs have evaluated the commit, and had every occasion to authorise. */
  async function evaluated(commit: string): Promise<void> {
    await ring.quiet(commit);
    await ring.hub.database.execute('UPDATE applications SET authorise_due = authorise_due + 1');
    await ring.hub.database.query(`SELECT pg_notify('flotilla_stage', 'authorise')`);
    await ring.quiet(commit);
  }

  it('that has been answered, by either hub, lets no authorisation commit, however busy both are', async () => {
    for (let round = 0; round < 3; round += 1) {
      let commit = '';
      let busy = true;
      const load = (async () => {
        for (let index = 0; busy; index += 1) commit = await release(index % 2 === 0 ? ring.hub : other);
      })();
      await sleep(150 + 100 * round);
      await halt({ scope: 'fleet' }, round % 2 === 0 ? ring.hub : other);
      const count = await authorised();
      await sleep(200);
      busy = false;
      await load;
      await evaluated(commit);
      expect(await authorised()).toBe(count);
      await resume({ scope: 'fleet' }, other);
      await ring.inSync(commit);
      expect(await authorised()).toBeGreaterThan(count);
    }
    expect(ring.errors()).toEqual([]);
  });

  it('keeps agents from beginning what was authorised before, and changes nothing that runs', async () => {
    await ring.agentsCaughtUp();
    const before = version;
    // What is authorised reaches no agent until after the halt.
    const roots = pauseRoots();
    const commit = await release();
    await eventually(async () => {
      const rows = await ring.rows(
        'SELECT 1 FROM assignments s JOIN applications a ON a.id = s.application_id WHERE s.release = a.release AND s.carried_bundle = s.bundle',
      );
      expect(rows).toHaveLength(0);
      expect(await ring.rows('SELECT 1 FROM roots WHERE dirty')).toHaveLength(3);
    });
    await halt({ scope: 'fleet' });
    roots();
    await ring.quiet(commit);
    await ring.agentsCaughtUp();
    expect(running(before)).toEqual(everywhere);
    expect(running(version)).toEqual([]);
    for (const { agent } of ring.clusters.values()) {
      expect(agent.state().hold).toMatchObject({ cluster: true, reason: 'an incident' });
      expect(agent.state().targets.map(({ phase }) => phase)).toEqual(['held', 'held']);
    }
    // A halt survives the agent, too.
    await ring.cluster('eu-1').restart();
    await ring.agentsCaughtUp();
    expect(running(version)).toEqual([]);
    await resume({ scope: 'fleet' });
    await ring.inSync(commit);
    expect(running(version)).toEqual(everywhere);
  });

  it.each([
    [{ scope: 'application', name: 'bank' }, ['bank@eu-1', 'bank@eu-2', 'bank@us-1']],
    [{ scope: 'region', name: 'eu' }, ['bank@eu-1', 'bank@eu-2', 'shop@eu-1', 'shop@eu-2']],
    [{ scope: 'cluster', name: 'us-1' }, ['bank@us-1', 'shop@us-1']],
  ])('of %j is about nothing else', async (scope, held) => {
    await halt(scope);
    const commit = await release();
    const others = everywhere.filter((target) => !held.includes(target));
    await eventually(async () => expect(running(version)).toEqual(others));
    await evaluated(commit);
    await ring.agentsCaughtUp();
    expect(running(version)).toEqual(others);
    const blocked = await ring.get(`applications/bank/explain`);
    expect(JSON.stringify(blocked)).toContain('held');
    await resume(scope);
    await ring.inSync(commit);
    expect(running(version)).toEqual(everywhere);
  });

  it('does not wait for a hub that was paused in the middle of a decision, and voids what that hub decides', async () => {
    const gates = [ring.hub, other].map((hub) => pauseAfter(repositoryOf(hub), 'targets'));
    const commit = await release();
    await Promise.race(gates.map(({ reached }) => reached));
    const count = await authorised();
    await halt({ scope: 'fleet' }, other);
    const answered = await authorised();
    openAllGates();
    await evaluated(commit);
    expect(answered).toBe(count);
    expect(await authorised()).toBe(count);
    await resume({ scope: 'fleet' });
    await eventually(async () => expect(running(version)).toEqual(everywhere));
  });

  const repositoryOf = (hub: TestHub): RolloutsRepository => hub.app.get(RolloutsRepository, { strict: false });

  function pauseRoots(): () => void {
    const stages = [ring.hub, other].map((hub) => stageOf(hub));
    for (const stage of stages) Object.assign(stage, { runOnce: async () => await Promise.resolve(0) });
    return () => {
      for (const stage of stages) delete stage.runOnce;
      void ring.hub.database.query(`SELECT pg_notify('flotilla_stage', 'roots')`);
    };
  }
});

function stageOf(hub: TestHub): { runOnce?: unknown } {
  return hub.app.get<RootsStage, { runOnce?: unknown }>(RootsStage, { strict: false });
}
