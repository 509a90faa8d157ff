import { Injectable } from '@nestjs/common';
import type { Heartbeat, TargetReport } from '#libs/protocol/report';
import type { Stamp } from '#libs/reports/fold';
import { Database } from '#src/hub/database/database';
import { jsonParameter, storableText } from '#src/hub/database/json';

export interface AgentKey {
  cluster: string;
  key: string;
  keyId: string;
}

export interface FoldedTarget extends Stamp {
  cluster: string;
  receivedAt: Date;
  report: TargetReport;
}

export interface DeadLetter {
  topic: string;
  partition: number;
  offset: bigint;
  key: string;
  value: Buffer;
  reason: string;
}

/** What is kept of a record that could not be opened: enough to find out why. */
const maxLetterBytes = 64 * 1024;
const maxKeyLength = 500;
const maxReasonLength = 2_000;

/** What a batch of reports comes to, in sets: one statement a table, however many messages. */
@Injectable()
export class FoldRepository {
  constructor(private readonly database: Database) {}

  async nextOffset(consumer: string, topic: string, partition: number): Promise<bigint | undefined> {
    const row = await this.database.one<{ next_offset: number }>(
      'SELECT next_offset FROM log_offsets WHERE consumer = $1 AND topic = $2 AND partition = $3',
      [consumer, topic, partition],
    );
    return row === undefined ? undefined : BigInt(row.next_offset);
  }

  /**
   * Takes the partition's row for this transaction and moves it on.
   * @returns where the partition stood before: records below it have had their effect already
   */
  async advance(consumer: string, topic: string, partition: number, next: bigint): Promise<bigint> {
    await this.database.execute(
      `INSERT INTO log_offsets (consumer, topic, partition, next_offset) VALUES ($1, $2, $3, 0)
       ON CONFLICT (consumer, topic, partition) DO NOTHING`,
      [consumer, topic, partition],
    );
    const row = await this.database.one<{ next_offset: number }>(
      `SELECT next_offset FROM log_offsets WHERE consumer = $1 AND topic = $2 AND partition = $3 FOR UPDATE`,
      [consumer, topic, partition],
    );
    await this.database.execute(
      `UPDATE log_offsets SET next_offset = $4, updated_at = now()
        WHERE consumer = $1 AND topic = $2 AND partition = $3 AND next_offset < $4`,
      [consumer, topic, partition, next.toString()],
    );
    return BigInt(row?.next_offset ?? 0);
  }

  /** Of an agent that rotates its key: the former one for a while, and the next one. */
  async agentKeys(clusterIds: readonly string[]): Promise<AgentKey[]> {
    return await this.database.query<AgentKey>(
      `SELECT id AS cluster, k.key, k.key_id AS "keyId"
         FROM clusters, LATERAL (VALUES
              (agent_key, agent_key_id),
              (next_agent_key, next_agent_key_id),
              (CASE WHEN previous_agent_key_until > now() THEN previous_agent_key END, previous_agent_key_id)
              ) AS k (key, key_id)
        WHERE id = ANY ($1::uuid[]) AND k.key IS NOT NULL AND lifecycle <> 'revoked'`,
      [clusterIds],
    );
  }

  async sessionKeys(
    sessions: readonly { cluster: string; session: number }[],
  ): Promise<{ cluster: string; session: number; sealed: Buffer }[]> {
    return await this.database.query(
      `SELECT s.cluster_id AS cluster, s.session, s.key_sealed AS sealed
         FROM agent_sessions s
         JOIN jsonb_to_recordset($1::jsonb) AS wanted (cluster uuid, session bigint)
           ON wanted.cluster = s.cluster_id AND wanted.session = s.session
         JOIN clusters c ON c.id = s.cluster_id AND c.lifecycle <> 'revoked'`,
      [JSON.stringify(sessions)],
    );
  }

  /** The newest word on each target wins, and where it says something else, stands in the history. @returns the clusters and applications of which something changed */
  async upsertTargets(targets: readonly FoldedTarget[]): Promise<{ application: string; cluster: string }[]> {
    if (targets.length === 0) return [];
    return await this.database.query<{ application: string; cluster: string }>(
      `WITH new AS (
         SELECT * FROM jsonb_to_recordset($1::jsonb) AS one (application uuid, cluster uuid, session bigint,
                sequence bigint, bundle text, epoch bigint, generation bigint, phase text, health text,
                health_message text, drifted int, corrected int, objects_total int, objects_applied int,
                objects_failed int, details jsonb, observed_at timestamptz, age_ms bigint, received_at timestamptz)
       ), before AS (
         SELECT st.application_id, st.cluster_id, st.bundle, st.phase, st.health, st.drifted > 0 AS has_drifted
           FROM new JOIN target_status st ON st.application_id = new.application AND st.cluster_id = new.cluster
       ), told AS (
       INSERT INTO target_status AS old (application_id, cluster_id, session, sequence, bundle, epoch, generation, phase,
              health, health_message, drifted, corrected, objects_total, objects_applied, objects_failed, details,
              observed_at, age_ms, received_at)
       SELECT new.application, new.cluster, new.session, new.sequence, decode(new.bundle, 'hex'), new.epoch,
              new.generation, new.phase, new.health, new.health_message, new.drifted, new.corrected, new.objects_total,
              new.objects_applied, new.objects_failed, new.details, new.observed_at, new.age_ms, new.received_at
         FROM new
         JOIN clusters c ON c.id = new.cluster
        ORDER BY new.cluster, new.application
       ON CONFLICT (application_id, cluster_id) DO UPDATE
          SET session = excluded.session, sequence = excluded.sequence, bundle = excluded.bundle,
              epoch = excluded.epoch, generation = excluded.generation, phase = excluded.phase,
              health = excluded.health, health_message = excluded.health_message, drifted = excluded.drifted,
              corrected = excluded.corrected, objects_total = excluded.objects_total,
              objects_applied = excluded.objects_applied, objects_failed = excluded.objects_failed,
              details = excluded.details, observed_at = excluded.observed_at, age_ms = excluded.age_ms,
              received_at = excluded.received_at
        WHERE (excluded.session, excluded.sequence) > (old.session, old.sequence)
       RETURNING application_id, cluster_id, bundle, epoch, generation, phase, health, health_message, drifted, observed_at
       ), changed AS (
         INSERT INTO target_history (application_id, cluster_id, bundle, epoch, generation, phase, health, health_message,
                drifted, observed_at)
         SELECT told.* FROM told LEFT JOIN before USING (application_id, cluster_id)
          WHERE before.phase IS NULL
             OR (before.bundle, before.phase, before.health, before.has_drifted)
                IS DISTINCT FROM (told.bundle, told.phase, told.health, told.drifted > 0)
       )
       SELECT application_id AS application, cluster_id AS cluster FROM told`,
      [jsonParameter(targets.map(rowOf))],
    );
  }

  async raiseSnapshots(snapshots: readonly ({ cluster: string } & Stamp)[]): Promise<void> {
    if (snapshots.length === 0) return;
    await this.database.execute(
      `INSERT INTO cluster_reports AS old (cluster_id, snapshot_session, snapshot_sequence)
       SELECT new.cluster, new.session, new.sequence
         FROM jsonb_to_recordset($1::jsonb) AS new (cluster uuid, session bigint, sequence bigint)
         JOIN clusters c ON c.id = new.cluster
        ORDER BY new.cluster
       ON CONFLICT (cluster_id) DO UPDATE
          SET snapshot_session = excluded.snapshot_session, snapshot_sequence = excluded.snapshot_sequence
        WHERE (excluded.snapshot_session, excluded.snapshot_sequence) > (old.snapshot_session, old.snapshot_sequence)`,
      [jsonParameter(snapshots)],
    );
  }

  /** The newest word wins here too, whatever order reports come in. */
  async storeFacts(facts: readonly ({ cluster: string; facts: unknown } & Stamp)[]): Promise<void> {
    if (facts.length === 0) return;
    await this.database.execute(
      `WITH new AS (
         SELECT * FROM jsonb_to_recordset($1::jsonb) AS one (cluster uuid, session bigint, sequence bigint, facts jsonb)
       ), raised AS (
         INSERT INTO cluster_reports AS old (cluster_id, facts_session, facts_sequence)
         SELECT new.cluster, new.session, new.sequence FROM new JOIN clusters c ON c.id = new.cluster ORDER BY new.cluster
         ON CONFLICT (cluster_id) DO UPDATE
            SET facts_session = excluded.facts_session, facts_sequence = excluded.facts_sequence
          WHERE (excluded.facts_session, excluded.facts_sequence) > (old.facts_session, old.facts_sequence)
         RETURNING cluster_id
       )
       UPDATE clusters c SET facts = new.facts
         FROM new JOIN raised ON raised.cluster_id = new.cluster
        WHERE c.id = new.cluster AND c.facts IS DISTINCT FROM new.facts`,
      [jsonParameter(facts)],
    );
  }

  async upsertHeartbeats(heartbeats: readonly { heartbeat: Heartbeat; receivedAt: Date }[]): Promise<void> {
    if (heartbeats.length === 0) return;
    await this.database.execute(
      `INSERT INTO heartbeats AS old (cluster_id, session, sequence, epoch, generation, received_at, trouble)
       SELECT new.cluster, new.session, new.sequence, new.epoch, new.generation, new.received_at, new.trouble
         FROM jsonb_to_recordset($1::jsonb) AS new (cluster uuid, session bigint, sequence bigint, epoch bigint,
              generation bigint, received_at timestamptz, trouble text)
         JOIN clusters c ON c.id = new.cluster
        ORDER BY new.cluster
       ON CONFLICT (cluster_id) DO UPDATE
          SET session = excluded.session, sequence = excluded.sequence, epoch = excluded.epoch,
              generation = excluded.generation, received_at = excluded.received_at, trouble = excluded.trouble
        WHERE (excluded.session, excluded.sequence) > (old.session, old.sequence)`,
      [jsonParameter(heartbeats.map(({ heartbeat, receivedAt }) => ({ ...heartbeat, received_at: receivedAt })))],
    );
  }

  async storeDeadLetters(letters: readonly DeadLetter[]): Promise<void> {
    if (letters.length === 0) return;
    await this.database.execute(
      `INSERT INTO dead_letters (topic, partition, "offset", key, value, reason)
       SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::text[], $5::bytea[], $6::text[])
       ON CONFLICT DO NOTHING`,
      [
        letters.map(({ topic }) => topic),
        letters.map(({ partition }) => partition),
        letters.map(({ offset }) => offset.toString()),
        letters.map(({ key }) => storableText(key).slice(0, maxKeyLength)),
        letters.map(({ value }) => value.subarray(0, maxLetterBytes)),
        letters.map(({ reason }) => storableText(reason).slice(0, maxReasonLength)),
      ],
    );
  }
}

function rowOf({ cluster, session, sequence, receivedAt, report }: FoldedTarget) {
  return {
    application: report.application,
    cluster,
    session,
    sequence,
    bundle: report.bundle,
    epoch: report.epoch,
    generation: report.generation,
    phase: report.phase,
    health: report.health.status,
    health_message: report.health.message,
    drifted: report.drifted,
    corrected: report.corrected,
    objects_total: report.objects.total,
    objects_applied: report.objects.applied,
    objects_failed: report.objects.failed,
    details: { errors: report.errors, driftNotes: report.driftNotes, pendingDeletions: report.pendingDeletions },
    observed_at: report.observedAt,
    age_ms: report.ageMs,
    received_at: receivedAt,
  };
}
