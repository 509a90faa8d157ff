import { inflateRawSync } from 'node:zlib';
import { type Node } from '#libs/protocol/nodes';
import type { Database } from '#src/hub/database/database';

/**
 * What is not in the store of all that lies below any root, and of every bundle that is wanted or assigned: read from the
 * rows themselves, in one snapshot.
 */
export async function missingNodes(database: Database): Promise<string[]> {
  return await database.transaction(async () => {
    await database.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    const rows = await database.query<{ digest: string; kind: Node['kind']; size_bytes: number; body: Buffer | null }>(
      `SELECT encode(digest, 'hex') AS digest, kind, size_bytes, CASE WHEN kind <> 'object' THEN body END AS body FROM nodes`,
    );
    const stored = new Map(rows.map((row) => [row.digest, row]));
    const missing: string[] = [];
    const walk = (from: string, digest: string): void => {
      const row = stored.get(digest);
      if (row === undefined) missing.push(`${from} → ${digest}`);
      else if (row.body !== null) {
        const text = row.body.length === row.size_bytes ? row.body : inflateRawSync(row.body);
        const node = JSON.parse(text.toString('utf8')) as Node;
        for (const child of childrenOf(node)) walk(`${from} → ${node.kind} ${digest.slice(0, 8)}`, child);
      }
    };
    for (const { from, digest } of await database.query<{ from: string; digest: string }>(
      `SELECT 'root of ' || cluster_id AS "from", value AS digest FROM roots, jsonb_each_text(scopes)
       UNION SELECT 'target', encode(bundle, 'hex') FROM targets WHERE bundle IS NOT NULL
       UNION SELECT 'assignment', encode(b, 'hex') FROM assignments, unnest(ARRAY[bundle, approved_deletions]) AS b
              WHERE b IS NOT NULL
       UNION SELECT 'variant', encode(bundle, 'hex') FROM variants`,
    )) {
      walk(from, digest);
    }
    return missing;
  });
}

function childrenOf(node: Node): string[] {
  if (node.kind === 'bundle') return node.objects;
  if (node.kind !== 'scope') return [];
  return Object.values(node.applications).flatMap(({ bundle, approvedDeletions }) =>
    [bundle, approvedDeletions].flatMap((digest) => digest ?? []),
  );
}
