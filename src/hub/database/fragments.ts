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

/**
 * Longer than agents let pass between two full snapshots, so that who is heard is not stale; counted from when the agent
 * looked at the cluster, also where the report then lay in a spool or in the log.
 */
const freshSeconds = 1_200;

function isFresh(status: string): string {
  return `(${status}.received_at - make_interval(secs => ${status}.age_ms / 1000.0) > now() - interval '${freshSeconds} s')`;
}

/** What was told counts for what is assigned now. */
export function freshEvidence(assignment: string, status: string): string {
  return `coalesce(${evidence(assignment, status)} AND ${isFresh(status)}, false)`;
}

/** Applied, healthy and undrifted, with evidence that is fresh. */
export function goodTarget(assignment: string, status: string): string {
  return `coalesce(${evidence(assignment, status)} AND ${isFresh(status)} AND ${status}.phase = 'applied' AND ${status}.health = 'healthy'
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

/**
 * Since when the hub does not know all that the message log has taken; null: it does. It is noticed before any cluster
 * would be called unknown for it.
 */
export function blindSince(unknownAfterSeconds: number): string {
  const graceSeconds = Math.max(2 * sightCheckSeconds, Number(unknownAfterSeconds) / 2);
  return `(SELECT sight_at FROM log_sight WHERE sight_at < now() - make_interval(secs => ${graceSeconds}))`;
}

/** How often the hub looks whether it has taken in what the log holds. */
export const sightCheckSeconds = 3;

/** Whether a cluster was heard lately; while the hub is blind, whether it was when the hub last saw. */
function isOnline(cluster: string, heartbeat: string, unknownAfterSeconds: number): string {
  return `coalesce(${cluster}.lifecycle <> 'revoked' AND ${heartbeat}.received_at
    > coalesce(${blindSince(unknownAfterSeconds)}, now()) - make_interval(secs => ${Number(unknownAfterSeconds)}), false)`;
}

/** `online`, `pending` (its agent never joined) or `unknown`: the first that applies. */
export function connectionOf(cluster: string, heartbeat: string, unknownAfterSeconds: number): string {
  return `CASE WHEN ${isOnline(cluster, heartbeat, unknownAfterSeconds)} THEN 'online'
               WHEN ${cluster}.joined_at IS NULL THEN 'pending' ELSE 'unknown' END`;
}

/**
 * Joins what was told of a target. What was told before the cluster's newest full snapshot, and is not in it, is gone.
 * @param target alias of `targets` or `assignments`
 * @param status alias of the joined `target_status`
 */
export function toldStatus(target: string, status: string): string {
  return `LEFT JOIN cluster_reports cr ON cr.cluster_id = ${target}.cluster_id
  LEFT JOIN target_status ${status}
    ON ${status}.application_id = ${target}.application_id AND ${status}.cluster_id = ${target}.cluster_id
   AND (${status}.session, ${status}.sequence) >= (coalesce(cr.snapshot_session, 0), coalesce(cr.snapshot_sequence, 0))`;
}

/**
 * What a target's state is told from, as a FROM clause with the aliases t (targets), a, c, s (assignments), hb, cr and
 * st (target_status).
 */
export const targetTables = `
  targets t
  JOIN applications a ON a.id = t.application_id
  JOIN clusters c ON c.id = t.cluster_id
  LEFT JOIN assignments s ON s.application_id = t.application_id AND s.cluster_id = t.cluster_id
  LEFT JOIN heartbeats hb ON hb.cluster_id = t.cluster_id
  ${toldStatus('t', 'st')}`;

/**
 * The state of a target, the first that applies: the one truth of status, lists and filters. Over `targetTables`. Evidence
 * that is stale, or for what is no longer assigned, says nothing: such a target progresses.
 */
export function targetState(unknownAfterSeconds: number): string {
  const evident = freshEvidence('s', 'st');
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
