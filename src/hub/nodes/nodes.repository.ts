import { Injectable } from '@nestjs/common';
import type { Digest } from '#libs/protocol/digest';
import type { Node } from '#libs/protocol/nodes';
import { Database } from '#src/hub/database/database';

export interface StoredNode {
  digest: Digest;
  kind: Node['kind'];
  sensitive: boolean;
  sizeBytes: number;
  body: Buffer;
  /** Of a bundle: digests of its objects. */
  children?: readonly Digest[];
}

interface NodeRow {
  digest: string;
  kind: Node['kind'];
  sensitive: boolean;
  size_bytes: number;
  body: Buffer;
}

@Injectable()
export class NodesRepository {
  constructor(private readonly database: Database) {}

  /**
   * Stores what is missing, and locks what is there until the transaction ends: the sweeper passes over it then, and sees
   * what was committed with it afterwards. Who refers to nodes stores them first, in the same transaction (decision 6).
   * The order of digests is fixed, so that two writers cannot wait for each other.
   */
  async insert(nodes: readonly StoredNode[]): Promise<void> {
    if (nodes.length === 0) return;
    const inOrder = [...nodes].sort((a, b) => (a.digest < b.digest ? -1 : 1));
    await this.database.execute(
      `INSERT INTO nodes (digest, kind, sensitive, size_bytes, body, children)
       SELECT decode(digest, 'hex'), kind, sensitive, size_bytes, body,
              CASE WHEN kind = 'bundle'
                   THEN ARRAY(SELECT decode(child, 'hex') FROM unnest(string_to_array(children, ',')) AS child) END
         FROM unnest($1::text[], $2::text[], $3::boolean[], $4::int[], $5::bytea[], $6::text[])
           AS new (digest, kind, sensitive, size_bytes, body, children)
       ON CONFLICT (digest) DO UPDATE SET last_used_at = now() WHERE nodes.last_used_at < now() - interval '1 hour'`,
      [
        inOrder.map((node) => node.digest),
        inOrder.map((node) => node.kind),
        inOrder.map((node) => node.sensitive),
        inOrder.map((node) => node.sizeBytes),
        inOrder.map((node) => node.body),
        inOrder.map((node) => node.children?.join(',') ?? ''),
      ],
    );
  }

  async insertBundles(bundles: readonly { digest: Digest; objectKeys: readonly string[] }[]): Promise<void> {
    if (bundles.length === 0) return;
    await this.database.execute(
      `INSERT INTO bundles (digest, object_keys)
       SELECT decode(new->>'digest', 'hex'), ARRAY(SELECT jsonb_array_elements_text(new->'keys') ORDER BY 1)
         FROM jsonb_array_elements($1::jsonb) AS new
        ORDER BY new->>'digest'
       ON CONFLICT (digest) DO NOTHING`,
      [JSON.stringify(bundles.map(({ digest, objectKeys }) => ({ digest, keys: objectKeys })))],
    );
  }

  async read(digests: readonly Digest[]): Promise<NodeRow[]> {
    if (digests.length === 0) return [];
    return await this.database.query<NodeRow>(
      `SELECT encode(digest, 'hex') AS digest, kind, sensitive, size_bytes, body
         FROM nodes WHERE digest IN (SELECT decode(d, 'hex') FROM unnest($1::text[]) AS d)`,
      [digests],
    );
  }

  async objectKeys(bundles: readonly Digest[]): Promise<Map<Digest, string[]>> {
    const rows = await this.database.query<{ digest: Digest; object_keys: string[] }>(
      `SELECT encode(digest, 'hex') AS digest, object_keys
         FROM bundles WHERE digest IN (SELECT decode(d, 'hex') FROM unnest($1::text[]) AS d)`,
      [bundles],
    );
    return new Map(rows.map((row) => [row.digest, row.object_keys]));
  }
}
