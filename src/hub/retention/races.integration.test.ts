import { encodeNode } from '#libs/protocol/nodes';
import { Nodes } from '#src/hub/nodes/nodes.service';
import { startTestHub, type TestHub } from '#test/harness/hub';
import { NodeSweep } from './node-sweep';

function gate() {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

/** Each way that a writer and the sweeper can meet over a node that nothing refers to yet. */
describe('a node that is about to be referred to', () => {
  let hub: TestHub;
  let count = 0;
  beforeAll(async () => {
    hub = await startTestHub();
  });
  afterAll(() => hub.stop());

  const nodes = () => hub.app.get(Nodes, { strict: false });
  const sweep = () => hub.app.get(NodeSweep, { strict: false }).sweep(0, new AbortController().signal);
  const stored = async (digests: string[]) =>
    await hub.database.query(`SELECT 1 FROM nodes WHERE encode(digest, 'hex') = ANY ($1)`, [digests]);

  /** A bundle of one object, as evaluating an application stores it. */
  function family() {
    count += 1;
    const object = encodeNode({
      format: 1,
      kind: 'object',
      object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `c-${count}` } },
    });
    const pruneLimits = { maxObjects: 1, maxPercent: 1 };
    const policy = { prune: true, pruneLimits, drift: 'report' as const, conflicts: 'fail' as const };
    const bundle = encodeNode({ format: 1, kind: 'bundle', policy, objects: [object.digest] });
    const store = async (): Promise<void> => {
      await nodes().store([object, bundle]);
      await nodes().storeBundles([{ digest: bundle.digest, objectKeys: [] }]);
    };
    const refer = async (): Promise<void> => {
      await hub.database.execute(
        `WITH source AS (INSERT INTO sources (id, name, spec) VALUES (gen_random_uuid(), $1, '{"url": "/nowhere"}') RETURNING id),
              application AS (INSERT INTO applications (id, name, source_id, spec, evaluate_done)
                              SELECT gen_random_uuid(), $1, id, '{}', 1 FROM source RETURNING id),
              release AS (INSERT INTO releases (application_id, number, commit_id, revision_name, commit_subject, tree_id, inputs, trace_id)
                          SELECT id, 1, 'c', 'main', '', 't', '', 't' FROM application RETURNING application_id)
         INSERT INTO variants (application_id, release, values_digest, bundle)
         SELECT application_id, 1, '', decode($2, 'hex') FROM release`,
        [`a-${count}`, bundle.digest],
      );
    };
    return { digests: [object.digest, bundle.digest], store, refer };
  }

  it('goes when nobody refers to it', async () => {
    const { digests, store } = family();
    await store();
    await sweep();
    expect(await stored(digests)).toHaveLength(0);
  });

  it('stays while a transaction that stored it again is under way, and after it', async () => {
    const { digests, store, refer } = family();
    await store();
    const [written, swept] = [gate(), gate()];
    const writer = hub.database.transaction(async () => {
      await store();
      written.open();
      await swept.opened;
      await refer();
    });
    await written.opened;
    await sweep();
    swept.open();
    await writer;
    await sweep();
    expect(await stored(digests)).toHaveLength(2);
  });

  it('is stored anew by who comes while it is being deleted', async () => {
    const { digests, store, refer } = family();
    await store();
    const [deleted, isWaiting] = [gate(), gate()];
    const sweeper = hub.database.transaction(async () => {
      await hub.database.execute(`DELETE FROM bundles WHERE encode(digest, 'hex') = ANY ($1)`, [digests]);
      await hub.database.execute(`DELETE FROM nodes WHERE encode(digest, 'hex') = ANY ($1)`, [digests]);
      deleted.open();
      await isWaiting.opened;
    });
    await deleted.opened;
    const writer = hub.database.transaction(async () => {
      await store();
      await refer();
    });
    for (let waiting = 0; waiting === 0;) {
      const row = await hub.database.one<{ waiting: number }>(
        `SELECT count(*)::int AS waiting FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO nodes%'`,
      );
      waiting = row?.waiting ?? 0;
    }
    isWaiting.open();
    await Promise.all([sweeper, writer]);
    await sweep();
    expect(await stored(digests)).toHaveLength(2);
  });
});
