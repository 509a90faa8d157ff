import type { RetentionSettings } from './settings';

export interface Rule {
  table: string;
  /** How long its rows are kept: `$1` of the condition. */
  seconds(settings: RetentionSettings): number;
  /** Which rows have had their time. */
  condition: string;
}

const daySeconds = 86_400;
const age = 'make_interval(secs => $1)';

/** A batch: see `RulesRepository`. Bounds what a condition without an index reads. */
export const batchRows = 5_000;

/** A rule a table. Releases, rollouts, nodes, the message log and Git caches have sweepers of their own. */
export const rules: readonly Rule[] = [
  {
    table: 'idempotency_keys',
    seconds: ({ idempotencyKeySeconds }) => idempotencyKeySeconds,
    condition: `created_at < now() - ${age}`,
  },
  {
    table: 'join_tokens',
    seconds: ({ joinTokenSeconds }) => joinTokenSeconds,
    condition: `expires_at < now() - ${age}`,
  },
  {
    table: 'api_tokens',
    seconds: ({ apiTokenSeconds }) => apiTokenSeconds,
    condition: `least(expires_at, revoked_at) < now() - ${age}`,
  },
  {
    table: 'former_agent_keys',
    seconds: ({ formerAgentKeySeconds }) => formerAgentKeySeconds,
    condition: `at < now() - ${age}`,
  },
  { table: 'holds', seconds: ({ holdSeconds }) => holdSeconds, condition: `released_at < now() - ${age}` },
  {
    table: 'audit',
    seconds: ({ auditSeconds }) => auditSeconds,
    // Ids and times rise together: the oldest are found by the key alone.
    condition: `at < now() - ${age}
      AND id <= (SELECT max(id) FROM (SELECT id FROM audit ORDER BY id LIMIT ${batchRows}) AS oldest)`,
  },
  { table: 'dead_letters', seconds: ({ deadLetterSeconds }) => deadLetterSeconds, condition: `at < now() - ${age}` },
  {
    table: 'target_status',
    seconds: ({ goneTargetSeconds }) => goneTargetSeconds,
    condition: `received_at < now() - ${age}
      AND NOT EXISTS (SELECT FROM targets t
                       WHERE t.application_id = target_status.application_id AND t.cluster_id = target_status.cluster_id)
      AND NOT EXISTS (SELECT FROM assignments s
                       WHERE s.application_id = target_status.application_id AND s.cluster_id = target_status.cluster_id)`,
  },
  {
    table: 'heartbeats',
    seconds: ({ goneTargetSeconds }) => goneTargetSeconds,
    condition: `received_at < now() - ${age} AND NOT EXISTS (SELECT FROM clusters c WHERE c.id = heartbeats.cluster_id)`,
  },
  {
    table: 'agent_sessions',
    seconds: () => daySeconds,
    // The present session and the one before it stay: what was sent under them may still be on its way.
    condition: `opened_at < now() - ${age}
      AND session < (SELECT max(newer.session) - 1 FROM agent_sessions newer
                      WHERE newer.cluster_id = agent_sessions.cluster_id)`,
  },
  { table: 'hosting_hubs', seconds: () => daySeconds, condition: `seen_until < now() - ${age}` },
];

/** Every other table, and why it needs no rule here. A new table is named here, or gets a rule. */
export const unruled: Readonly<Record<string, string>> = {
  fleet_version: 'one row',
  hub: 'one row',
  hub_keys: 'a row a rotation, by hand',
  clusters: 'what people have declared',
  agent_clones: 'a few a cluster',
  agents_ahead: 'at most one a cluster',
  hosted_clusters: 'goes with its cluster',
  sources: 'what people have declared',
  applications: 'what people have declared',
  targets: 'one a place of an application; goes with it',
  assignments: 'one a target; goes when the agent says that it is removed',
  roots: 'one a cluster',
  cluster_reports: 'one a cluster',
  log_offsets: 'one a partition',
  log_sight: 'one row',
  retention_sweeps: 'one row',
  migrations: 'one a migration',
  target_history: 'a partition a day, dropped whole by `Partitions`',
  releases: 'swept with their variants by `ReleaseSweep`',
  variants: 'swept with their release',
  rollouts: 'swept with their release',
  nodes: 'marked and swept by `NodeSweep`',
  bundles: 'swept with their node',
  log_topics: 'a few',
  log_partitions: 'a few a topic',
  log_records: 'swept by the embedded log itself',
  log_members: 'swept by the embedded log itself',
  log_assignments: 'a few a topic',
};
