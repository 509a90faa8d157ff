import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { keyIdOf, publicKeyText } from '#libs/protocol/keys';
import { type TargetReport, topics } from '#libs/protocol/report';
import { signValue } from '#libs/protocol/signed';
import { HubLog } from '#src/hub/message-log/hub-log';
import { eventually } from '#test/harness/eventually';
import type { TestHub } from '#test/harness/hub';

interface SimulatedCluster {
  id: string;
  key: KeyObject;
  sequence: number;
}

interface Carried {
  application: string;
  bundle: string | null;
  removal: 'delete' | 'orphan' | null;
  epoch: number;
  generation: number;
}

export type Told = Partial<Omit<TargetReport, 'application' | 'bundle' | 'epoch' | 'generation'>>;

/** Clusters whose agents are the test: they say what it tells them to, signed, through the real log. */
export class SimulatedFleet {
  private readonly clusters = new Map<string, SimulatedCluster>();

  constructor(private readonly hub: TestHub) {}

  /** Registered, joined and heard just now, unless told. */
  async add(name: string, { region = 'eu', labels = {}, joined = true } = {}): Promise<void> {
    const { body } = await this.hub.request
      .post('/api/v1/clusters')
      .send({ metadata: { name, labels }, spec: { region } })
      .expect(201);
    const key = generateKeyPairSync('ed25519').privateKey;
    this.clusters.set(name, { id: body.metadata.id, key, sequence: 0 });
    if (!joined) return;
    await this.hub.database.execute(
      `UPDATE clusters SET lifecycle = 'joined', joined_at = now(), agent_key = $2, agent_key_id = $3, cluster_uid = $4
        WHERE id = $1`,
      [body.metadata.id, publicKeyText(key), keyIdOf(publicKeyText(key)), randomUUID()],
    );
    await this.hear(name);
  }

  /** @param secondsAgo when its heartbeat came in */
  async hear(name: string, secondsAgo = 0): Promise<void> {
    await this.hub.database.execute(
      `INSERT INTO heartbeats (cluster_id, session, sequence, epoch, generation, received_at)
       VALUES ($1, 1, 1, 1, 1, now() - make_interval(secs => $2))
       ON CONFLICT (cluster_id) DO UPDATE SET received_at = excluded.received_at`,
      [this.idOf(name), secondsAgo],
    );
  }

  idOf(name: string): string {
    return this.cluster(name).id;
  }

  /** What the root of the cluster says of the application, once it says what is assigned. */
  async carried(application: string, name: string): Promise<Carried> {
    return await eventually(async () => {
      const row = await this.hub.database.one<Carried>(
        `SELECT s.application_id AS application, encode(s.bundle, 'hex') AS bundle, s.removal,
                s.carried_epoch AS epoch, s.carried_generation AS generation
           FROM assignments s JOIN applications a ON a.id = s.application_id
          WHERE a.name = $1 AND s.cluster_id = $2 AND s.carried_generation IS NOT NULL
            AND s.carried_bundle IS NOT DISTINCT FROM s.bundle AND s.refused IS NULL`,
        [application, this.idOf(name)],
      );
      if (row === undefined) throw new Error(`the root of ${name} does not carry ${application} yet`);
      return row;
    });
  }

  /** Its agent tells of what is assigned, applied and healthy unless told; resolves once the hub has taken it in. */
  async tell(application: string, name: string, told: Told = {}, { snapshot = false } = {}): Promise<void> {
    const carried = await this.carried(application, name);
    const isRemoval = carried.bundle === null;
    await this.send(name, snapshot, [
      {
        application: carried.application,
        scope: 'cluster',
        bundle: carried.bundle as TargetReport['bundle'],
        epoch: carried.epoch,
        generation: carried.generation,
        phase: isRemoval ? (carried.removal === 'delete' ? 'removed' : 'orphaned') : 'applied',
        health: { status: 'healthy', message: '' },
        objects: { total: 1, applied: 1, failed: 0 },
        drifted: 0,
        corrected: 0,
        driftNotes: [],
        errors: [],
        pendingDeletions: [],
        observedAt: new Date().toISOString(),
        ageMs: 0,
        ...told,
      },
    ]);
  }

  /** A full snapshot without any target. */
  async tellNothing(name: string): Promise<void> {
    await this.send(name, true, []);
  }

  private async send(name: string, snapshot: boolean, targets: TargetReport[]): Promise<void> {
    const cluster = this.cluster(name);
    cluster.sequence += 1;
    const report = {
      format: 1,
      kind: 'report',
      cluster: cluster.id,
      session: 1,
      sequence: cluster.sequence,
      sentAt: new Date().toISOString(),
      snapshot,
      targets,
    };
    const before = await this.foldedUpTo();
    const value = Buffer.from(JSON.stringify(signValue('flotilla.dev/report/v1', report, cluster.key)));
    await this.hub.app.get(HubLog, { strict: false }).send(topics.reports, [{ key: cluster.id, value }]);
    await eventually(async () => {
      if ((await this.foldedUpTo()) <= before) throw new Error(`the report of ${name} is not folded yet`);
    });
  }

  /** Over all partitions; tests tell one thing after the other. */
  private async foldedUpTo(): Promise<number> {
    const row = await this.hub.database.one<{ total: number }>(
      'SELECT coalesce(sum(next_offset), 0)::int AS total FROM log_offsets WHERE topic = $1',
      [topics.reports],
    );
    return row?.total ?? 0;
  }

  private cluster(name: string): SimulatedCluster {
    const cluster = this.clusters.get(name);
    if (cluster === undefined) throw new Error(`no simulated cluster ${name}`);
    return cluster;
  }
}
