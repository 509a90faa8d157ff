import type { TargetReport } from '#libs/protocol/report';
import { eventually } from '#test/harness/eventually';
import { configMap, Ring } from './parts/ring';
import { Teller } from './parts/teller';

const hourMs = 3_600_000;

/** Safety rule 4: evidence is for exactly this bundle, since it was authorised, and fresh. Old status completes nothing. */
describe('evidence', () => {
  let ring: Ring;
  let number = 0;

  beforeAll(async () => {
    ring = await Ring.start();
    await ring.declareSource();
  });
  afterAll(() => ring?.stop());

  /** A cluster of its own, where an application of its own has a first release that is good. */
  async function settled(): Promise<{ name: string; teller: Teller; first: TargetReport }> {
    const name = `app-${(number += 1)}`;
    const teller = await Teller.join(ring, `cluster-${number}`);
    await ring.push({ [`${name}/all.yaml`]: configMap(name, { version: '1' }) });
    await ring.declare(name, { placement: { clusters: [teller.name] } });
    const first = await teller.good(name);
    await teller.say({ session: 2, sequence: 0, snapshot: true, targets: [first] });
    await completed(name, 1);
    return { name, teller, first };
  }
  async function second(name: string): Promise<void> {
    await ring.push({ [`${name}/all.yaml`]: configMap(name, { version: '2' }) });
    await ring.quiet();
  }
  const rolloutOf = async (name: string, release: number) =>
    (
      await ring.rows(
        `SELECT r.state FROM rollouts r JOIN applications a ON a.id = r.application_id WHERE a.name = $1 AND r.release = $2`,
        [name, release],
      )
    )[0]!['state'] as string;
  const stateOf = async (name: string) => (await ring.get(`applications/${name}/targets`)).items[0].state as string;
  const completed = (name: string, release: number) =>
    eventually(async () => {
      expect(await rolloutOf(name, release)).toBe('completed');
      expect(await stateOf(name)).toBe('inSync');
    });
  /** Even when the hub decides anew. */
  async function countsForNothing(name: string, release = 2): Promise<void> {
    await ring.hub.database.execute('UPDATE applications SET authorise_due = authorise_due + 1 WHERE name = $1', [
      name,
    ]);
    await ring.hub.database.query(`SELECT pg_notify('flotilla_stage', 'authorise')`);
    await ring.quiet();
    expect(await rolloutOf(name, release)).toBe('running');
    expect(await stateOf(name)).toBe('progressing');
  }

  it('is not what was told of the bundle before', async () => {
    const { name, teller, first } = await settled();
    await second(name);
    const now = await teller.good(name);
    await teller.say({ session: 2, sequence: 1, targets: [{ ...first, generation: now.generation }] });
    await countsForNothing(name);
    await teller.say({ session: 2, sequence: 2, targets: [now] });
    await completed(name, 2);
  });

  it('is not what was told under a root before the first that carried the assignment', async () => {
    const { name, teller } = await settled();
    await second(name);
    const now = await teller.good(name);
    await teller.say({ session: 2, sequence: 1, targets: [{ ...now, generation: now.generation - 1 }] });
    await countsForNothing(name);
    await teller.say({ session: 2, sequence: 2, targets: [{ ...now, generation: now.generation + 7 }] });
    await completed(name, 2);
  });

  it('is not what a release told that came back: the same bundle, authorised anew', async () => {
    const { name, teller, first } = await settled();
    await second(name);
    await teller.good(name);
    await ring.repository.revert();
    await ring.refresh();
    await ring.quiet();
    const back = await teller.good(name);
    expect(back.bundle).toBe(first.bundle);
    expect(back.generation).toBeGreaterThan(first.generation);
    await teller.say({ session: 2, sequence: 1, targets: [first] });
    await countsForNothing(name, 3);
    await teller.say({ session: 2, sequence: 2, targets: [back] });
    await completed(name, 3);
  });

  it('is not what a former session told, before or after the snapshot of a newer one', async () => {
    const { name, teller } = await settled();
    await second(name);
    const now = await teller.good(name);
    await teller.say({ session: 3, sequence: 0, snapshot: true, targets: [] });
    await teller.say({ session: 2, sequence: 9, targets: [now] });
    await countsForNothing(name);
    await teller.say({ session: 3, sequence: 1, targets: [now] });
    await completed(name, 2);
    // An agent that starts anew, and does not find it.
    await teller.say({ session: 4, sequence: 0, snapshot: true, targets: [] });
    expect(await stateOf(name)).toBe('progressing');
  });

  it('is not what lay in a spool', async () => {
    const { name, teller } = await settled();
    await second(name);
    const now = await teller.good(name);
    await teller.say({ session: 2, sequence: 1, targets: [{ ...now, ageMs: 2 * hourMs }] });
    await countsForNothing(name);
    await teller.say({ session: 2, sequence: 2, targets: [now] });
    await completed(name, 2);
  });

  it('is not what has become old in the hub', async () => {
    const { name, teller } = await settled();
    await ring.hub.database.execute(
      `UPDATE target_status SET received_at = received_at - interval '2 hours' WHERE cluster_id = $1`,
      [teller.id],
    );
    expect(await stateOf(name)).toBe('progressing');
    const now = await teller.good(name);
    await teller.say({ session: 2, sequence: 1, targets: [now] });
    expect(await stateOf(name)).toBe('inSync');
  });

  it('is not what another cluster says in its name', async () => {
    const { name, teller } = await settled();
    const { teller: stranger } = await settled();
    await second(name);
    const now = await teller.good(name);
    await teller.say({ session: 9, sequence: 1, targets: [now] }, stranger);
    await countsForNothing(name);
    const letters = await ring.get('dead-letters');
    expect(JSON.stringify(letters)).toContain('not by that of the cluster');
  });

  it('stays what it is when another application changes on the same cluster', async () => {
    const { name, teller, first } = await settled();
    const beside = `${name}-beside`;
    await ring.push({ [`${beside}/all.yaml`]: configMap(beside) });
    await ring.declare(beside, { placement: { clusters: [teller.name] } });
    const other = await teller.good(beside);
    expect(other.generation).toBeGreaterThan(first.generation);
    expect(await stateOf(name)).toBe('inSync');
  });

  it('comes with facts of which the newest count, in whatever order they come', async () => {
    const { teller } = await settled();
    const facts = (agentVersion: string) => ({ kubernetesVersion: 'v1.36.3', agentVersion });
    await teller.say({ session: 6, sequence: 0, facts: facts('2.0.0') });
    await teller.say({ session: 5, sequence: 4, facts: facts('1.0.0') });
    expect(await ring.rows('SELECT facts FROM clusters WHERE id = $1', [teller.id])).toEqual([
      { facts: facts('2.0.0') },
    ]);
  });

  it('that cannot be stored is set aside, and holds up nobody', async () => {
    const { name, teller } = await settled();
    const now = await teller.good(name);
    const message = 'half of a pair: \u{D83D}, and a NUL: \0';
    await teller.say({ session: 7, sequence: 1, targets: [{ ...now, health: { status: 'degraded', message } }] });
    const { items } = await ring.get(`applications/${name}/targets`);
    expect(items[0]).toMatchObject({ state: 'failed', message: expect.stringContaining('half of a pair: \u{FFFD}') });
    await teller.say({ session: 7, sequence: 2, targets: [{ ...now, drifted: 2 ** 40 }] });
    await teller.say({ session: 7, sequence: 3, targets: [now] });
    expect(await stateOf(name)).toBe('inSync');
    expect(JSON.stringify(await ring.get('dead-letters'))).toContain('cannot be stored');
  });
});
