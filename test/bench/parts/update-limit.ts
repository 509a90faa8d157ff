import { performance } from 'node:perf_hooks';
import { median } from '../statistics';
import { withDatabase } from './database-fleet';

const runs = 5;

/** The physical limit of a fan-out: one `UPDATE … FROM unnest` of as many rows with as many bytes, on the same server. */
export async function updateSeconds(databaseUrl: string, rows: number, bytes: number): Promise<number> {
  return await withDatabase(databaseUrl, async (client) => {
    await client.query('CREATE TEMP TABLE ids AS SELECT id FROM clusters ORDER BY id LIMIT ' + rows);
    await client.query('CREATE TABLE bench_limit (id uuid PRIMARY KEY, payload bytea NOT NULL)');
    await client.query('INSERT INTO bench_limit SELECT id, $1 FROM ids', [Buffer.alloc(bytes)]);
    await client.query('VACUUM ANALYZE bench_limit');
    const ids = (await client.query<{ id: string }>('SELECT id FROM ids')).rows.map(({ id }) => id);
    const seconds: number[] = [];
    for (let run = 1; run <= runs; run += 1) {
      const payloads = ids.map(() => Buffer.alloc(bytes, run));
      const began = performance.now();
      await client.query(
        `UPDATE bench_limit b SET payload = new.payload
           FROM unnest($1::uuid[], $2::bytea[]) AS new (id, payload) WHERE b.id = new.id`,
        [ids, payloads],
      );
      seconds.push((performance.now() - began) / 1_000);
    }
    await client.query('DROP TABLE bench_limit');
    return median(seconds);
  });
}
