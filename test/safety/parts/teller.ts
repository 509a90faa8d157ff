import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { keyIdOf, publicKeyText } from '#libs/protocol/keys';
import { type Facts, type Report, type TargetReport, topics } from '#libs/protocol/report';
import { signValue } from '#libs/protocol/signed';
import { HubLog } from '#src/hub/message-log/hub-log';
import { eventually } from '#test/harness/eventually';
import type { ClusterOptions, Ring } from './ring';

export interface Saying {
  session: number;
  sequence: number;
  snapshot?: boolean;
  facts?: Facts;
  targets?: TargetReport[];
}

/** A cluster without an agent: the test says in its name what it likes, signed, through the real log. */
export class Teller {
  private constructor(
    private readonly ring: Ring,
    readonly name: string,
    readonly id: string,
    private readonly key: KeyObject,
  ) {}

  static async join(ring: Ring, name: string, options: ClusterOptions = {}): Promise<Teller> {
    const { id } = await ring.register(name, options);
    const key = generateKeyPairSync('ed25519').privateKey;
    await ring.hub.database.execute(
      `UPDATE clusters SET lifecycle = 'joined', joined_at = now(), agent_key = $2, agent_key_id = $3, cluster_uid = $4
        WHERE id = $1`,
      [id, publicKeyText(key), keyIdOf(publicKeyText(key)), randomUUID()],
    );
    await ring.hub.database.execute(
      `INSERT INTO heartbeats (cluster_id, session, sequence, epoch, generation, received_at)
       VALUES ($1, 1, 1, 1, 1, now() + interval '1 hour')`,
      [id],
    );
    return new Teller(ring, name, id, key);
  }

  /** That all of what the root carries of the application is applied and healthy, but for what is told otherwise. */
  async good(application: string, told: Partial<TargetReport> = {}): Promise<TargetReport> {
    const row = await eventually(async () => {
      const [found] = await this.ring.rows(
        `SELECT s.application_id, encode(s.bundle, 'hex') AS bundle, s.carried_epoch, s.carried_generation
           FROM assignments s JOIN applications a ON a.id = s.application_id
          WHERE a.name = $1 AND s.cluster_id = $2 AND s.carried_bundle = s.bundle`,
        [application, this.id],
      );
      expect(found).toBeDefined();
      return found!;
    });
    return {
      application: row['application_id'],
      scope: 'cluster',
      bundle: row['bundle'],
      epoch: row['carried_epoch'],
      generation: row['carried_generation'],
      phase: 'applied',
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
    };
  }

  /** Resolves when it is folded. `by`: who signs it, if not this cluster. */
  async say(saying: Saying, by: Teller = this): Promise<void> {
    const report: Report = {
      format: 1,
      kind: 'report',
      cluster: this.id,
      sentAt: new Date().toISOString(),
      snapshot: false,
      targets: [],
      ...saying,
    };
    const before = await this.folded();
    const value = Buffer.from(JSON.stringify(signValue('flotilla.dev/report/v1', report, by.key)));
    await this.ring.hub.app.get(HubLog, { strict: false }).send(topics.reports, [{ key: this.id, value }]);
    await eventually(async () => expect(await this.folded()).toBeGreaterThan(before));
  }

  private async folded(): Promise<number> {
    const [row] = await this.ring.rows(
      'SELECT coalesce(sum(next_offset), 0)::int AS total FROM log_offsets WHERE topic = $1',
      [topics.reports],
    );
    return row!['total'];
  }
}
