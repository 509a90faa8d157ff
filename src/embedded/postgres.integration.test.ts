import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres } from './postgres';

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

describe('the embedded PostgreSQL', () => {
  let folder: string;
  let dataFolder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'flotilla-embedded-'));
    chmodSync(folder, 0o711);
    dataFolder = path.join(folder, 'data');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('finds its data again after it was stopped, and after its owner was killed', async () => {
    const fifo = path.join(folder, 'lifeline');
    expect(spawnSync('mkfifo', [fifo]).status).toBe(0);
    const owner = openSync(fifo, 'r+');
    const first = await startEmbeddedPostgres({ dataFolder, durable: true });
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS id');
    await first.stop();
    const second = await startEmbeddedPostgres({ dataFolder, durable: true, lifelineFifo: fifo });
    await query(second.url, 'INSERT INTO kept VALUES (2)');
    closeSync(owner); // as the system does for a process that was killed
    const third = await startEmbeddedPostgres({ dataFolder, durable: true });
    expect(await query(third.url, 'SELECT id FROM kept ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
    await third.stop();
  });

  it('listens on the loopback address only, and wants the password, which only the owner can read', async () => {
    const server = await startEmbeddedPostgres({ dataFolder, durable: false });
    expect(await query(server.url, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    const wrong = new URL(server.url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    expect(statSync(path.join(dataFolder, 'password')).mode & 0o777).toBe(0o600);
    await server.stop();
  });

  it('refuses a folder that another one uses', async () => {
    const server = await startEmbeddedPostgres({ dataFolder, durable: false });
    await expect(startEmbeddedPostgres({ dataFolder, durable: false })).rejects.toThrow(
      /in use by the PostgreSQL of process \d+/,
    );
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await server.stop();
  });

  it('says when it has ended, however that happened', async () => {
    const server = await startEmbeddedPostgres({ dataFolder, durable: false });
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
    await expect(query(server.url, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
  });
});
