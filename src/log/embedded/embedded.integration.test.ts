import { Client } from 'pg';
import { freshDatabase } from '#test/harness/postgres';
import { describeMessageLog } from '../contract';
import { silentLogger } from '../logger';
import { openLog } from '../open';
import { type MessageLog } from '../port';

describeMessageLog('embedded, on PostgreSQL', async () => {
  const { url, drop } = await freshDatabase();
  const logs: MessageLog[] = [];
  const name = new URL(url).pathname.slice(1);
  const onServer = async (...statements: string[]): Promise<void> => {
    const server = new URL(url);
    server.pathname = '/postgres';
    const client = new Client({ connectionString: server.href });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  };
  return {
    open: () => {
      logs.push(openLog({ kind: 'embedded', url, leaseTtlMs: 2_000, maxBackoffMs: 1_000 }, silentLogger));
      return logs.at(-1)!;
    },
    beginOutage: () =>
      onServer(
        `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
      ),
    endOutage: () => onServer(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`),
    close: async () => {
      await Promise.all(logs.map((log) => log.close()));
      await drop();
    },
  };
});
