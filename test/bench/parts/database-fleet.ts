import { Client } from 'pg';

/** Clusters as if they had joined, without agents: what the hub does for them is the same. */
export async function insertClusters(databaseUrl: string, count: number, regions: number): Promise<void> {
  await withDatabase(databaseUrl, async (client) => {
    await client.query(
      `INSERT INTO clusters (id, name, region, labels, lifecycle, joined_at)
       SELECT gen_random_uuid(), 'cluster-' || n, 'region-' || n % $2, jsonb_build_object('tier', 'web'), 'joined', now()
         FROM generate_series(1, $1) AS n`,
      [count, regions],
    );
    await client.query('INSERT INTO roots (cluster_id) SELECT id FROM clusters ON CONFLICT DO NOTHING');
    await client.query('ANALYZE');
  });
}

export async function withDatabase<T>(databaseUrl: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
