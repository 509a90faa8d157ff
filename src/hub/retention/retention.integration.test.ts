import { randomBytes, randomUUID } from 'node:crypto';
import { encodeNode } from '#libs/protocol/nodes';
import { Nodes } from '#src/hub/nodes/nodes.service';
import { startTestHub, type TestHub } from '#test/harness/hub';
import { NodeSweep } from './node-sweep';
import { Retention } from './retention';
import { rules, unruled } from './rules';
import { RulesRepository } from './rules.repository';

describe('retention', () => {
  let hub: TestHub;
  const { signal } = new AbortController();
  beforeAll(async () => {
    hub = await startTestHub({ retention: { releasesKept: 2 } });
  });
  afterAll(() => hub.stop());

  const sweep = () => hub.app.get(Retention, { strict: false }).sweep();
  const column = async (sql: string) => (await hub.database.query<{ value: unknown }>(sql)).map(({ value }) => value);

  it('has a rule, or a reason for none, for every table', async () => {
    const tables = await column(
      `SELECT c.relname AS value FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`,
    );
    const named = new Set<unknown>([...rules.map(({ table }) => table), ...Object.keys(unruled)]);
    expect(tables.filter((table) => !named.has(table))).toEqual([]);
  });

  it('deletes what has had its time, and nothing else', async () => {
    await hub.database.execute(
      `INSERT INTO former_agent_keys (key_id, cluster_name, at) VALUES ('old', 'a', now() - interval '500 days'), ('new', 'b', now())`,
    );
    await hub.database.execute(
      `INSERT INTO dead_letters (topic, partition, "offset", value, reason, at)
       SELECT 't', 1, n, '', 'why', now() - make_interval(days => n * 20) FROM generate_series(1, 3) AS n`,
    );
    await hub.database.execute(
      `INSERT INTO audit (actor, action, resource_kind, at) SELECT 'x', 'old', 'X', now() - interval '900 days' FROM generate_series(1, 7000)`,
    );
    await hub.database.execute(
      `INSERT INTO holds (id, scope, scope_name, reason, created_by, created_at, released_at)
       VALUES ($1, 'region', 'eu', 'over', 'x', now() - interval '900 days', now() - interval '500 days'),
              ($2, 'region', 'us', 'in force', 'x', now() - interval '900 days', NULL)`,
      [randomUUID(), randomUUID()],
    );
    await sweep();
    expect(await column('SELECT key_id AS value FROM former_agent_keys')).toEqual(['new']);
    expect(await column('SELECT name AS value FROM api_tokens')).toEqual(['admin']);
    expect(await column('SELECT "offset" AS value FROM dead_letters')).toEqual([1]);
    expect(await column('SELECT scope_name AS value FROM holds')).toEqual(['us']);
    await sweep();
    expect(await column(`SELECT count(*) AS value FROM audit WHERE action = 'old'`)).toEqual([0]);
    expect(await column(`SELECT count(*) > 0 AS value FROM audit WHERE action <> 'old'`)).toEqual([true]);
  });

  it('keeps of releases the newest, the young, and those that any cluster still has', async () => {
    const [application, source, ...clusters] = Array.from({ length: 5 }, () => randomUUID());
    const bundles = Array.from({ length: 9 }, () => randomBytes(32));
    await hub.database.execute(`INSERT INTO sources (id, name, spec) VALUES ($1, 's', '{"url": "/nowhere"}')`, [
      source,
    ]);
    await hub.database.execute(
      `INSERT INTO applications (id, name, source_id, spec, release, evaluate_done) VALUES ($1, 'a', $2, '{}', 9, 1)`,
      [application, source],
    );
    for (const [index, bundle] of bundles.entries()) {
      const number = index + 1;
      await hub.database.execute(
        `INSERT INTO releases (application_id, number, commit_id, revision_name, commit_subject, tree_id, inputs, trace_id, created_at)
         VALUES ($1, $2, 'c', 'main', '', 't', '', 't', now() - make_interval(days => $3))`,
        [application, number, number >= 7 ? 10 : 100],
      );
      await hub.database.execute(
        `INSERT INTO rollouts (id, application_id, release, state, ended_at) VALUES ($1, $2, $3, $4, now())`,
        [randomUUID(), application, number, number === 5 ? 'running' : 'completed'],
      );
      await hub.database.execute(
        `INSERT INTO nodes (digest, kind, sensitive, size_bytes, body, children) VALUES ($1, 'bundle', false, 1, '', '{}')`,
        [bundle],
      );
      await hub.database.execute(`INSERT INTO bundles (digest, object_keys) VALUES ($1, '{}')`, [bundle]);
      await hub.database.execute(
        `INSERT INTO variants (application_id, release, values_digest, bundle) VALUES ($1, $2, '', $3)`,
        [application, number, bundle],
      );
    }
    // Wanted, carried and told: each keeps a release that is old.
    for (const id of clusters) {
      await hub.database.execute(`INSERT INTO clusters (id, name, region) VALUES ($1, $2, 'eu')`, [id, id]);
    }
    await hub.database.execute(
      `INSERT INTO targets (application_id, cluster_id, placed, reason, release, bundle) VALUES ($1, $2, true, 'x', 1, $3)`,
      [application, clusters[0], bundles[0]],
    );
    await hub.database.execute(
      `INSERT INTO assignments (application_id, cluster_id, release, bundle, carried_bundle, trace_id) VALUES ($1, $2, 9, $3, $4, 't')`,
      [application, clusters[1], bundles[8], bundles[2]],
    );
    await hub.database.execute(
      `INSERT INTO target_status (application_id, cluster_id, session, sequence, bundle, epoch, generation, phase, health,
              health_message, drifted, corrected, objects_total, objects_applied, objects_failed, details, observed_at, age_ms, received_at)
       VALUES ($1, $2, 1, 1, $3, 1, 1, 'applied', 'healthy', '', 0, 0, 0, 0, 0, '{}', now(), 0, now())`,
      [application, clusters[2], bundles[3]],
    );
    await sweep();
    const left = await column(`SELECT number AS value FROM releases ORDER BY number`);
    // 2 and 6 had nobody; 7 is young; 8 and 9 are the newest two; 5 is under way.
    expect(left).toEqual([1, 3, 4, 5, 7, 8, 9]);
    expect(await column(`SELECT release AS value FROM rollouts ORDER BY release`)).toEqual(left);
    expect(await column(`SELECT release AS value FROM variants ORDER BY release`)).toEqual(left);
    // Their bundles have time yet.
    expect(await column('SELECT count(*) AS value FROM bundles')).toEqual([9]);
    await hub.app.get(NodeSweep, { strict: false }).sweep(0, signal);
    expect(await column('SELECT count(*) AS value FROM bundles')).toEqual([7]);
    await hub.database.execute('DELETE FROM applications');
  });

  it('keeps what was carried for its time, counted from when it was replaced', async () => {
    const cluster = randomUUID();
    const scopes = [1, 2].map((n) =>
      encodeNode({ format: 1, kind: 'scope', name: `${n}`, serviceAccount: null, applications: {} }),
    );
    const [first, second] = scopes.map(({ digest }) => digest);
    const nodes = hub.app.get(NodeSweep, { strict: false });
    const stored = async () =>
      await column(`SELECT encode(digest, 'hex') AS value FROM nodes WHERE kind = 'scope' ORDER BY last_used_at`);
    const daySeconds = 86_400;
    const daysPass = (days: number) =>
      hub.database.execute('UPDATE nodes SET last_used_at = last_used_at - make_interval(days => $1)', [days]);
    await hub.database.execute(`INSERT INTO clusters (id, name, region) VALUES ($1, 'carries', 'eu')`, [cluster]);
    await hub.app.get(Nodes, { strict: false }).store(scopes);
    const carry = (digest: string | undefined) =>
      hub.database.execute(
        `INSERT INTO roots (cluster_id, dirty, scopes) VALUES ($1, false, $2)
         ON CONFLICT (cluster_id) DO UPDATE SET scopes = excluded.scopes`,
        [cluster, { cluster: digest }],
      );
    await carry(first);
    await daysPass(30);
    await nodes.sweep(7 * daySeconds, signal);
    expect(await stored()).toEqual([first]);
    await hub.app.get(Nodes, { strict: false }).store(scopes);
    await carry(second);
    await daysPass(6);
    await nodes.sweep(7 * daySeconds, signal);
    expect((await stored()).sort()).toEqual([first, second].sort());
    await daysPass(3);
    await nodes.sweep(7 * daySeconds, signal);
    expect(await stored()).toEqual([second]);
  });

  it('learns what lies below bundles that an older hub stored, and until then takes no object', async () => {
    const object = encodeNode({
      format: 1,
      kind: 'object',
      object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
    });
    const policy = {
      prune: true,
      pruneLimits: { maxObjects: 1, maxPercent: 1 },
      drift: 'report' as const,
      conflicts: 'fail' as const,
    };
    const bundle = encodeNode({ format: 1, kind: 'bundle', policy, objects: [object.digest] });
    await hub.app.get(Nodes, { strict: false }).store([object, bundle]);
    await hub.database.execute(
      `UPDATE nodes SET children = NULL, last_used_at = now() - interval '1 year' WHERE kind = 'bundle'`,
    );
    await hub.database.execute(`UPDATE nodes SET last_used_at = now() - interval '1 year' WHERE kind = 'object'`);
    // Nothing refers to the bundle: it goes at once when its children are known, and they with it.
    await hub.app.get(NodeSweep, { strict: false }).sweep(60, signal);
    expect(await column(`SELECT count(*) AS value FROM nodes WHERE kind IN ('bundle', 'object')`)).toEqual([0]);
  });

  it('is done by one hub in each interval', async () => {
    const repository = hub.app.get(RulesRepository, { strict: false });
    await hub.database.execute(`UPDATE retention_sweeps SET begun_at = now() - interval '2 hours'`);
    const claims = await Promise.all([repository.claim(3_600), repository.claim(3_600), repository.claim(3_600)]);
    expect(claims.filter(Boolean)).toHaveLength(1);
  });
});
