import { z } from 'zod';
import type { InventoryEntry } from '#libs/apply/inventory-entry';

/** An entry as the agent keeps it, beyond what deciding about deletions needs. */
export interface Entry extends InventoryEntry {
  /** As it was applied last: deletion goes backwards. */
  wave?: number;
  /** Its deletion has waited for an approval, and goes on waiting until there is one. */
  waits?: boolean;
}

/** Deletions without an approval, for the cap on changes in small steps: `[milliseconds since 1970, how many]`. */
export type PrunedRecently = [number, number][];

/** What one ConfigMap says. */
export interface Shard {
  application: string;
  scope: string;
  entries: Entry[];
  pruned: PrunedRecently;
}

/** group, version, kind, namespace, name, uid, digest, wave, flags: `k` keep, `w` waits. */
const rowSchema = z.tuple([
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.number(),
  z.string(),
]);
type Row = z.infer<typeof rowSchema>;

const prunedSchema = z.array(z.tuple([z.number(), z.number()]));

export function encodeShard(shard: Shard): Record<string, string> {
  return {
    application: shard.application,
    scope: shard.scope,
    entries: JSON.stringify(shard.entries.map(rowOf)),
    ...(shard.pruned.length === 0 ? {} : { pruned: JSON.stringify(shard.pruned) }),
  };
}

/** Undefined for what cannot be read whole: half an inventory is none. */
export function decodeShard(data: Record<string, string>): Shard | undefined {
  const { application, scope, entries, pruned } = data;
  if (application === undefined || scope === undefined || entries === undefined) return undefined;
  try {
    return {
      application,
      scope,
      entries: z.array(rowSchema).parse(JSON.parse(entries)).map(entryOf),
      pruned: prunedSchema.parse(JSON.parse(pruned ?? '[]')),
    };
  } catch {
    return undefined;
  }
}

function rowOf(entry: Entry): Row {
  const flags = `${entry.keep === true ? 'k' : ''}${entry.waits === true ? 'w' : ''}`;
  const { group, version, kind, namespace, name, uid, digest, wave } = entry;
  return [group, version, kind, namespace, name, uid, digest, wave ?? 0, flags];
}

function entryOf([group, version, kind, namespace, name, uid, digest, wave, flags]: Row): Entry {
  return {
    group,
    version,
    kind,
    namespace,
    name,
    uid,
    digest,
    ...(wave === 0 ? {} : { wave }),
    ...(flags.includes('k') ? { keep: true } : {}),
    ...(flags.includes('w') ? { waits: true } : {}),
  };
}

/** An upper bound of what a row takes: UID, digest, wave, flags and punctuation are counted as if they were there. */
export function entrySizeBytes(entry: Entry): number {
  const { group, version, kind, namespace, name } = entry;
  return Buffer.byteLength(group + version + kind + namespace + name) + 36 + 64 + 5 + 2 + 32;
}
