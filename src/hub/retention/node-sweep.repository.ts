import { Injectable } from '@nestjs/common';
import type { Digest } from '#libs/protocol/digest';
import type { Node } from '#libs/protocol/nodes';
import { Database } from '#src/hub/database/database';

/** Large, since each batch reads what holds nodes anew; those that are locked nobody refers to. */
export const nodesPerBatch = 10_000;

/** What holds nodes of each kind, as queries of one column `digest`: the roots that marking begins from. */
const holders: Readonly<Record<Node['kind'], string>> = {
  scope: `SELECT decode(value, 'hex') AS digest FROM roots, jsonb_each_text(scopes)`,
  deletions: `SELECT approved_deletions AS digest FROM assignments WHERE approved_deletions IS NOT NULL`,
  bundle: `SELECT bundle AS digest FROM variants
           UNION ALL SELECT bundle FROM targets
           UNION ALL SELECT unnest(ARRAY[bundle, carried_bundle]) FROM assignments`,
  object: `SELECT unnest(children) AS digest FROM nodes WHERE kind = 'bundle'`,
};

/** What clusters carry now, and so agents may still hold for a while after it was replaced. */
const carried = `${holders.scope} UNION SELECT carried_bundle FROM assignments`;

/** While an older hub has stored bundles whose children are not known yet, every object may be one of them. */
const isKnown = `NOT EXISTS (SELECT FROM nodes b WHERE b.kind = 'bundle' AND b.children IS NULL)`;

const isHeld = (kind: Node['kind']): string =>
  `EXISTS (SELECT FROM (${holders[kind]}) AS holder WHERE holder.digest = n.digest)`;

/** See decision 6 for why nothing that is referenced, or about to be, is deleted here. */
@Injectable()
export class NodeSweepRepository {
  constructor(private readonly database: Database) {}

  async bundlesWithoutChildren(): Promise<Digest[]> {
    const rows = await this.database.query<{ digest: Digest }>(
      `SELECT encode(digest, 'hex') AS digest FROM nodes WHERE kind = 'bundle' AND children IS NULL LIMIT $1`,
      [nodesPerBatch],
    );
    return rows.map(({ digest }) => digest);
  }

  async setChildren(bundles: readonly { digest: Digest; objects: readonly Digest[] }[]): Promise<void> {
    await this.database.execute(
      `UPDATE nodes n SET children = ARRAY(SELECT decode(o, 'hex') FROM jsonb_array_elements_text(new.objects) AS o)
         FROM jsonb_to_recordset($1::jsonb) AS new (digest text, objects jsonb)
        WHERE n.digest = decode(new.digest, 'hex')`,
      [JSON.stringify(bundles)],
    );
  }

  /**
   * Marks what is carried, where its mark has become old, so that it is kept for its time after it was replaced.
   * @returns how many
   */
  async mark(olderThanSeconds: number): Promise<number> {
    return await this.database.execute(
      `UPDATE nodes SET last_used_at = now()
        WHERE digest = ANY (ARRAY(
          SELECT n.digest FROM nodes n
           WHERE n.kind IN ('scope', 'bundle') AND n.last_used_at < now() - make_interval(secs => $1)
             AND EXISTS (SELECT FROM (${carried}) AS holder WHERE holder.digest = n.digest)
           LIMIT ${nodesPerBatch} FOR UPDATE OF n SKIP LOCKED))`,
      [olderThanSeconds],
    );
  }

  /**
   * Deletes a batch of what nothing holds and nobody has used lately. First the rows are locked: whoever refers to one
   * meanwhile waits, and stores it anew. Then, by a statement that sees all that was committed before, only those go that
   * still nothing holds.
   * @returns how many were looked at, and how many of them went
   */
  async deleteBatch(kind: Node['kind'], unusedSeconds: number): Promise<{ found: number; deleted: number }> {
    return await this.database.transaction(async () => {
      const found = await this.database.query<{ digest: Buffer }>(
        `SELECT n.digest FROM nodes n
          WHERE n.kind = $1 AND n.last_used_at < now() - make_interval(secs => $2) AND NOT ${isHeld(kind)} AND ${isKnown}
          LIMIT ${nodesPerBatch} FOR UPDATE OF n SKIP LOCKED`,
        [kind, unusedSeconds],
      );
      if (found.length === 0) return { found: 0, deleted: 0 };
      const digests = found.map(({ digest }) => digest);
      const deleted = await this.database.execute(
        `WITH unheld AS MATERIALIZED (
           SELECT n.digest FROM nodes n WHERE n.digest = ANY ($1::bytea[]) AND NOT ${isHeld(kind)} AND ${isKnown}
         ), index_rows AS (
           DELETE FROM bundles b USING unheld WHERE b.digest = unheld.digest
         )
         DELETE FROM nodes n USING unheld WHERE n.digest = unheld.digest`,
        [digests],
      );
      return { found: found.length, deleted };
    });
  }
}
