import { setTimeout as sleep } from 'node:timers/promises';
import { FleetChangesRepository } from '#src/hub/clusters/fleet-changes.repository';
import { RootsRepository } from '#src/hub/desired-state/roots.repository';
import { RootsStage } from '#src/hub/desired-state/roots.stage';
import { EvaluateStage } from '#src/hub/releases/evaluate.stage';
import { Renderings } from '#src/hub/releases/rendering.service';
import { SourceReader } from '#src/hub/sources/source-reader.service';
import { FetchRepository } from '#src/hub/sources/fetch.repository';
import { eventually } from '#test/harness/eventually';
import type { TestHub } from '#test/harness/hub';
import { openAllGates, pauseAfter } from './parts/gate';
import { historyOf, keepHistory, versionsOnlyRise } from './parts/history';
import { configMap, Ring } from './parts/ring';

const clusterNames = ['eu-1', 'eu-2', 'us-1', 'us-2', 'ap-1', 'ap-2'];

/** Safety rule 6: a target is authorised once for each release; a paused, delayed or doubled hub changes nothing. */
describe('two hubs on one database', () => {
  let ring: Ring;
  let other: TestHub;

  beforeAll(async () => {
    ring = await Ring.start();
    await keepHistory(ring);
    other = await ring.addHub();
    for (const name of clusterNames) await ring.register(name, { labels: { tier: 'web' } });
    await ring.declareSource();
  });
  afterEach(openAllGates);
  afterAll(() => ring?.stop());

  const of = <T>(hub: TestHub, token: abstract new (...given: never[]) => T): T =>
    hub.app.get(token as never, { strict: false });
  const rendering = (hub: TestHub, application: string) =>
    pauseAfter(of(hub, Renderings), 'of', (given) => (given as { name: string }).name === application);
  const releasesOf = async (name: string) =>
    await ring.rows(
      `SELECT r.number, r.commit_id, a.release AS newest FROM releases r JOIN applications a ON a.id = r.application_id
        WHERE a.name = $1 ORDER BY number`,
      [name],
    );

  it('authorise each release once for each target, under many commits and edits of labels', async () => {
    const applications = ['shop', 'bank', 'mail'];
    const files = (version: number) =>
      Object.fromEntries(
        applications.map((name) => [
          `${name}/all.yaml`,
          configMap(name, { version: `${version}`, ring: '${cluster.labels.ring:-none}' }),
        ]),
      );
    await ring.push(files(0));
    for (const name of applications) await ring.declare(name);
    let commit = '';
    const commits = async () => {
      for (let version = 1; version <= 15; version += 1) {
        commit = await ring.push(files(version), `Version ${version}`, version % 2 === 0 ? ring.hub : other);
      }
    };
    const labels = async () => {
      for (let round = 0; round < 12; round += 1) {
        const hub = round % 2 === 0 ? other : ring.hub;
        await ring.label(clusterNames[round % clusterNames.length]!, { tier: 'web', ring: `${round}` }, hub);
      }
    };
    const edits = async () => {
      for (let round = 0; round < 8; round += 1) await ring.declare('bank', { parameters: { round: `${round}` } });
    };
    await Promise.all([commits(), labels(), edits()]);
    await ring.quiet(commit);

    const rows = await ring.rows(
      `SELECT t.bundle = s.bundle AS current, s.release = a.release AS newest, s.carried_bundle = s.bundle AS carried
         FROM targets t JOIN applications a ON a.id = t.application_id
         JOIN assignments s ON s.application_id = t.application_id AND s.cluster_id = t.cluster_id`,
    );
    expect(rows).toHaveLength(applications.length * clusterNames.length);
    expect(rows.every(({ current, carried }) => current && carried)).toBe(true);
    const history = await historyOf(ring);
    expect(history.size).toBe(applications.length * clusterNames.length);
    for (const authorised of history.values()) {
      const releases = authorised.map(({ release }) => release!);
      expect(releases).toEqual([...releases].sort((a, b) => a - b));
      // Within a release only another output, as after an edit of labels, is authorised anew.
      for (const [index, { bundle }] of authorised.entries()) expect(bundle).not.toBe(authorised[index - 1]?.bundle);
    }
    for (const name of applications) {
      const numbers = (await releasesOf(name)).map(({ number }) => number);
      expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    }
    await versionsOnlyRise(ring);
    expect(ring.errors()).toEqual([]);
    expect(ring.logged(/deadlock/)).toEqual([]);
  });

  it('do nothing after a pause in an evaluation that was overtaken', async () => {
    await ring.push({ 'late/all.yaml': configMap('late', { version: '1' }) });
    await ring.declare('late');
    await ring.quiet();
    // Both have rendered version 2; one of them wakes up only when version 3 is out.
    const overtaken = rendering(other, 'late');
    const ours = rendering(ring.hub, 'late');
    const second = await ring.push({ 'late/all.yaml': configMap('late', { version: '2' }) });
    await Promise.all([overtaken.reached, ours.reached]);
    const third = await ring.push({ 'late/all.yaml': configMap('late', { version: '1' }) });
    await eventually(async () => {
      expect((await ring.get('sources/git')).status.commit).toBe(third);
    });
    ours.open();
    await ring.quiet(third);
    const before = await releasesOf('late');
    expect(before.map(({ commit_id }) => commit_id)).toEqual([expect.any(String), second, third]);
    overtaken.open();
    await sleep(200);
    await ring.quiet(third);
    expect(await releasesOf('late')).toEqual(before);
    expect(await ring.application('late')).toMatchObject({ state: 'ready', release: { number: 3, commit: third } });
    expect(ring.errors()).toEqual([]);
  });

  it('build no release on one that is not the newest any more', async () => {
    await ring.push({ 'twice/all.yaml': configMap('twice', { version: '1' }) });
    await ring.declare('twice');
    await ring.quiet();
    // This hub has rendered version 2, and the other one its revert, which is what release 1 was. Then this one stores.
    const stage = of(other, EvaluateStage);
    Object.assign(stage, { runOnce: async () => await Promise.resolve(0) });
    const second = rendering(ring.hub, 'twice');
    const commit = await ring.push({ 'twice/all.yaml': configMap('twice', { version: '2' }) });
    await second.reached;
    const reverted = await ring.push({ 'twice/all.yaml': configMap('twice', { version: '1' }) });
    await eventually(async () => expect((await ring.get('sources/git')).status.commit).toBe(reverted));
    const third = rendering(other, 'twice');
    delete (stage as { runOnce?: unknown }).runOnce;
    await third.reached;
    Object.assign(of(ring.hub, EvaluateStage), { runOnce: async () => await Promise.resolve(0) });
    second.open();
    await eventually(async () => expect(await releasesOf('twice')).toMatchObject([{}, { commit_id: commit }]));
    third.open();
    await ring.quiet(reverted);
    delete (of(ring.hub, EvaluateStage) as { runOnce?: unknown }).runOnce;
    expect(await releasesOf('twice')).toMatchObject([
      { newest: 3 },
      { newest: 3, commit_id: commit },
      { newest: 3, commit_id: reverted },
    ]);
    const [row] = await ring.rows(
      `SELECT count(DISTINCT s.release)::int AS releases, max(s.release)::int AS release
         FROM assignments s JOIN applications a ON a.id = s.application_id WHERE a.name = 'twice'`,
    );
    expect(row).toEqual({ releases: 1, release: 3 });
    expect(ring.errors()).toEqual([]);
  });

  it('do not wait for each other where one builds the roots of what the other authorises anew', async () => {
    await ring.push({ 'busy/all.yaml': configMap('busy', { version: '1' }) });
    await ring.declare('busy');
    await ring.quiet();
    Object.assign(of(other, RootsStage), { runOnce: async () => await Promise.resolve(0) });
    const building = pauseAfter(of(ring.hub, RootsRepository), 'assignments');
    await ring.push({ 'busy/all.yaml': configMap('busy', { version: '2' }) });
    await building.reached;
    const third = await ring.push({ 'busy/all.yaml': configMap('busy', { version: '3' }) });
    await eventually(async () => {
      const waiting = await ring.rows(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      expect(waiting).not.toEqual([]);
    });
    building.open();
    delete (of(other, RootsStage) as { runOnce?: unknown }).runOnce;
    await ring.quiet(third);
    const rows = await ring.rows(
      `SELECT s.carried_bundle = t.bundle AS current FROM assignments s
         JOIN targets t ON t.application_id = s.application_id AND t.cluster_id = s.cluster_id
         JOIN applications a ON a.id = s.application_id WHERE a.name = 'busy'`,
    );
    expect(rows).toEqual(clusterNames.map(() => ({ current: true })));
    await versionsOnlyRise(ring);
    expect(ring.errors()).toEqual([]);
  });

  it('do not pass over an application that is made while a fetch commits', async () => {
    const marking = [ring.hub, other].map((hub) => pauseAfter(of(hub, FetchRepository), 'markApplicationsDue'));
    const commit = await ring.push({ 'new/all.yaml': configMap('new') });
    await Promise.race(marking.map(({ reached }) => reached));
    // At the commit before, its folder is not there.
    await ring.declare('new');
    await sleep(200);
    openAllGates();
    await ring.quiet(commit);
    expect(await ring.application('new')).toMatchObject({ state: 'ready', release: { number: 1, commit } });
    expect(ring.errors()).toEqual([]);
  });

  it('do not pass over an application that is made while labels are being changed', async () => {
    await ring.push({ 'placed/all.yaml': configMap('placed') });
    await ring.quiet();
    const marking = pauseAfter(of(ring.hub, FleetChangesRepository), 'placementChanged');
    const relabelled = ring.label('ap-2', { tier: 'web', site: 'new' });
    await marking.reached;
    await ring.declare('placed', { placement: { matchLabels: { site: 'new' } } });
    await sleep(200);
    marking.open();
    await relabelled;
    await ring.quiet();
    expect(await ring.application('placed')).toMatchObject({ state: 'ready', targets: { total: 1 } });
    expect(ring.errors()).toEqual([]);
  });

  it('do not put an old commit in force after a pause in a fetch', async () => {
    await ring.push({ 'slow/all.yaml': configMap('slow', { version: '1' }) });
    await ring.declare('slow');
    await ring.quiet();
    for (const hub of [ring.hub, other]) {
      // A paused process renews nothing.
      Object.assign(of(hub, FetchRepository), { renew: async () => await Promise.resolve() });
    }
    const gates = [ring.hub, other].map((hub) => pauseAfter(of(hub, SourceReader), 'fetch'));
    await ring.push({ 'slow/all.yaml': configMap('slow', { version: '2' }) });
    await Promise.race(gates.map(({ reached }) => reached));
    const newest = await ring.push({ 'slow/all.yaml': configMap('slow', { version: '3' }) });
    // Its lease runs out, and the other hub takes over.
    await eventually(async () => {
      await ring.hub.database.execute(`UPDATE sources SET leased_until = now() WHERE leased_until IS NOT NULL`);
      await ring.hub.database.query(`SELECT pg_notify('flotilla_stage', 'fetch')`);
      for (const gate of gates.slice(1)) gate.open();
      expect((await ring.get('sources/git')).status.commit).toBe(newest);
    });
    const before = await ring.rows('SELECT commit_id, trace_id, fetch_done, state FROM sources');
    for (const gate of gates) gate.open();
    await sleep(300);
    await ring.quiet(newest);
    expect(await ring.rows('SELECT commit_id, trace_id, fetch_done, state FROM sources')).toEqual(before);
  });
});
