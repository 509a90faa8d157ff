import { typeOf } from '#libs/drift/type-of';
import type { KubernetesObject } from '#libs/kubernetes/object';
import { fieldSetOf } from '#libs/kubernetes/ssa/field-set';
import { fieldNames } from '#libs/kubernetes/ssa/path-set';
import type { FieldConflict } from '../kubernetes/port';

/** Managers of client-side apply, whose fields are adopted rather than fought over. */
const clientSideManagers: ReadonlySet<string> = new Set(['kubectl-client-side-apply', 'before-first-apply']);

export function isClientSideManager(manager: string | undefined): boolean {
  return manager !== undefined && clientSideManagers.has(manager);
}

/**
 * Whether a conflict is to be forced although the policy is to fail: every field is one that we applied before (what was
 * ours is taken back), or is held by client-side apply (which is how people applied before us).
 */
export function mayForce(conflicts: readonly FieldConflict[], previous: KubernetesObject | undefined): boolean {
  if (conflicts.length === 0) return false;
  const owned = new Set(previous === undefined ? [] : fieldNames(fieldSetOf(previous, typeOf(previous, previous))));
  return conflicts.every(({ manager, field }) => isClientSideManager(managerName(manager)) || owned.has(field));
}

/** The server says `"kubectl-client-side-apply" using apps/v1`, or only the name. */
function managerName(text: string): string {
  return /^"?([^"]+?)"?(?: using .*)?$/.exec(text)?.[1] ?? text;
}

/** For people: who holds which fields. */
export function conflictMessage(conflicts: readonly FieldConflict[]): string {
  const byManager = new Map<string, string[]>();
  for (const { manager, field } of conflicts) {
    byManager.set(manager, [...(byManager.get(manager) ?? []), field]);
  }
  const parts = [...byManager].map(([manager, fields]) => {
    const more = fields.length > 5 ? ` and ${fields.length - 5} more` : '';
    return `${manager} owns ${fields.slice(0, 5).join(', ')}${more}`;
  });
  return `${parts.join('; ')}: take the fields out of the application, or set its policy \`conflicts: force\``;
}
