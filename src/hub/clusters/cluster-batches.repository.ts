import { Injectable } from '@nestjs/common';
import type { ClusterDeclaration } from '#libs/resources/cluster';
import { Database } from '#src/hub/database/database';
import type { ClusterRow } from './clusters.rows';

export type BatchRow = Pick<ClusterRow, 'id' | 'name' | 'region' | 'lifecycle' | 'agent_key_id'>;

export interface NewCluster {
  id: string;
  name: string;
  declaration: ClusterDeclaration;
}

@Injectable()
export class ClusterBatchesRepository {
  constructor(private readonly database: Database) {}

  /** With their roots, which are to be built. Names that are taken are left out. @returns ids of those that are new */
  async insert(clusters: readonly NewCluster[]): Promise<Set<string>> {
    const rows = clusters.map(({ id, name, declaration }) => ({ id, name, ...declaration }));
    const inserted = await this.database.query<{ id: string }>(
      `WITH inserted AS (
         INSERT INTO clusters (id, name, region, labels, service_account, cordoned)
         SELECT id, name, region, labels, "serviceAccount", cordoned
           FROM jsonb_to_recordset($1::jsonb)
                AS t (id uuid, name text, region text, labels jsonb, "serviceAccount" text, cordoned boolean)
          ORDER BY name
         ON CONFLICT (name) DO NOTHING RETURNING id
       ) SELECT id FROM inserted`,
      [JSON.stringify(rows)],
    );
    const ids = inserted.map(({ id }) => id);
    await this.database.execute('INSERT INTO roots (cluster_id) SELECT unnest($1::uuid[])', [ids]);
    return new Set(ids);
  }

  async named(names: readonly string[]): Promise<BatchRow[]> {
    return await this.database.query<BatchRow>(
      'SELECT id, name, region, lifecycle, agent_key_id FROM clusters WHERE name = ANY($1::text[]) ORDER BY name',
      [names],
    );
  }

  /** For a change, in the order of ids. */
  async lock(names: readonly string[]): Promise<BatchRow[]> {
    return await this.database.query<BatchRow>(
      `SELECT id, name, region, lifecycle, agent_key_id FROM clusters WHERE name = ANY($1::text[])
        ORDER BY id FOR NO KEY UPDATE`,
      [names],
    );
  }
}
