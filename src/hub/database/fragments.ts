/** SQL that several repositories must agree on word for word. */

/**
 * Evidence counts only for exactly the bundle that is assigned, reported under a root not older than the first that
 * carried it (safety rule 4).
 * @param assignment alias of `assignments`
 * @param status alias of `target_status`
 */
export function evidence(assignment: string, status: string): string {
  return `(${status}.bundle IS NOT DISTINCT FROM ${assignment}.bundle
    AND ${assignment}.carried_bundle IS NOT DISTINCT FROM ${assignment}.bundle
    AND (${status}.epoch, ${status}.generation) >= (${assignment}.carried_epoch, ${assignment}.carried_generation))`;
}

/** Applied, healthy and undrifted, with evidence. */
export function goodTarget(assignment: string, status: string): string {
  return `coalesce(${evidence(assignment, status)} AND ${status}.phase = 'applied' AND ${status}.health = 'healthy'
    AND ${status}.drifted = 0, false)`;
}

/** What the first hold in force over this target is called; null: none. Arguments are SQL expressions of names. */
export function heldBy(names: { application: string; cluster: string; region: string }): string {
  return `(SELECT CASE WHEN h.scope = 'fleet' THEN 'the halt of the fleet'
                       ELSE 'the halt of ' || h.scope || ' ' || h.scope_name END || ' (' || h.reason || ')'
             FROM holds h
            WHERE h.released_at IS NULL
              AND (h.scope = 'fleet' OR (h.scope = 'region' AND h.scope_name = ${names.region})
                OR (h.scope = 'cluster' AND h.scope_name = ${names.cluster})
                OR (h.scope = 'application' AND h.scope_name = ${names.application}))
            ORDER BY h.created_at LIMIT 1)`;
}

/**
 * Taken shared by whatever authorises and exclusively by a halt: once a halt is answered, no transaction that did not
 * see it can still commit an authorisation.
 */
export const holdLock = 4_120_386_418;

/** Whether a cluster was heard lately. @param heartbeat alias of `heartbeats` */
function isOnline(cluster: string, heartbeat: string, unknownAfterSeconds: number): string {
  return `coalesce(${heartbeat}.received_at > now() - make_interval(secs => ${Number(unknownAfterSeconds)})
    AND ${cluster}.lifecycle <> 'revoked', false)`;
}

/** `online`, `pending` (its agent never joined) or `unknown`: the first that applies. */
export function connectionOf(cluster: string, heartbeat: string, unknownAfterSeconds: number): string {
  return `CASE WHEN ${isOnline(cluster, heartbeat, unknownAfterSeconds)} THEN 'online'
               WHEN ${cluster}.joined_at IS NULL THEN 'pending' ELSE 'unknown' END`;
}

/**
 * What a target's state is told from, as a FROM clause with the aliases t (targets), a, c, s (assignments), hb, cr and
 * st (target_status). What was told before the cluster's newest full snapshot, and is not in it, is gone.
 */
export const targetTables = `
  targets t
  JOIN applications a ON a.id = t.application_id
  JOIN clusters c ON c.id = t.cluster_id
  LEFT JOIN assignments s ON s.application_id = t.application_id AND s.cluster_id = t.cluster_id
  LEFT JOIN heartbeats hb ON hb.cluster_id = t.cluster_id
  LEFT JOIN cluster_reports cr ON cr.cluster_id = t.cluster_id
  LEFT JOIN target_status st ON st.application_id = t.application_id AND st.cluster_id = t.cluster_id
    AND (st.session, st.sequence) >= (coalesce(cr.snapshot_session, 0), coalesce(cr.snapshot_sequence, 0))`;

/**
 * The state of a target, the first that applies: the one truth of status, lists and filters. Over `targetTables`. Evidence
 * for what is no longer assigned says nothing: such a target progresses.
 */
export function targetState(unknownAfterSeconds: number): string {
  const evident = `coalesce(${evidence('s', 'st')}, false)`;
  return `CASE
    WHEN NOT ${isOnline('c', 'hb', unknownAfterSeconds)} THEN 'unknown'
    WHEN t.problem IS NOT NULL OR s.refused IS NOT NULL THEN 'failed'
    WHEN ${evident} AND (st.phase = 'failed' OR st.health = 'degraded') THEN 'failed'
    WHEN ${evident} AND st.drifted > 0 THEN 'drifted'
    WHEN NOT ${evident} OR (t.placed AND t.bundle IS DISTINCT FROM s.bundle)
      OR st.phase <> 'applied' OR st.health <> 'healthy' THEN 'progressing'
    ELSE 'inSync' END`;
}

/** A target's state counted, over rows with a column `state`: `total`, then each state. */
export const targetCounts = `count(*)::int AS total,
  count(*) FILTER (WHERE state = 'unknown')::int AS unknown, count(*) FILTER (WHERE state = 'failed')::int AS failed,
  count(*) FILTER (WHERE state = 'drifted')::int AS drifted,
  count(*) FILTER (WHERE state = 'progressing')::int AS progressing,
  count(*) FILTER (WHERE state = 'inSync')::int AS "inSync"`;
