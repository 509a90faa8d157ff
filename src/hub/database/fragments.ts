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
