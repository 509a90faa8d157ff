import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#src/embedded/postgres';
import { makeTemplate, onServer } from './postgres/template';
import { lifelineOf, sharedRunFolder, temporaryFolder } from './run/folder';
import { onceInRun } from './run/once';

export interface FreshDatabase {
  url: string;
  /** Ends what is connected, too. */
  drop(): Promise<void>;
}

export interface TestPostgres {
  /** Stays the same over restarts. */
  url: string;
  stop(): Promise<void>;
  /** Kill -9 of the whole server; the data stay. */
  kill(): Promise<void>;
  /** Again on the same port and data, whether it runs or not. */
  restart(): Promise<void>;
}

const manyClients = { max_connections: '400', shared_buffers: '64MB' };

/** A database with all migrations and no rows, in some 50 ms, on the PostgreSQL that all suites of a run share. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const { url, template } = await sharedPostgres();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(url, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  const database = new URL(url);
  database.pathname = `/${name}`;
  return {
    url: database.href,
    drop: () => onServer(url, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
  };
}

interface SharedPostgres {
  url: string;
  template: string;
}

let own: Promise<SharedPostgres> | undefined;

function sharedPostgres(): Promise<SharedPostgres> {
  const run = sharedRunFolder();
  if (run !== undefined) return onceInRun(run, 'shared-postgres', () => startShared(lifelineOf(run)));
  return (own ??= startShared());
}

async function startShared(lifelineFifo?: string): Promise<SharedPostgres> {
  const dataFolder = path.join(temporaryFolder('shared-postgres'), 'server');
  const { url } = await startEmbeddedPostgres({ dataFolder, durable: false, settings: manyClients, lifelineFifo });
  return { url, template: await makeTemplate(url) };
}

/**
 * A PostgreSQL of the suite's own, with an empty database, to stop and start. Durable by default, so that what was
 * committed is there after `kill`.
 */
export async function startPostgres(options: { dataFolder?: string; durable?: boolean } = {}): Promise<TestPostgres> {
  const dataFolder = options.dataFolder ?? path.join(temporaryFolder('postgres'), 'server');
  const start = (port?: number) => startEmbeddedPostgres({ dataFolder, port, durable: options.durable ?? true });
  let server: EmbeddedPostgres | undefined = await start();
  const { url, port } = server;
  const end = async (how: (running: EmbeddedPostgres) => Promise<void>) => {
    const running = server;
    server = undefined;
    if (running !== undefined) await how(running);
  };
  return {
    url,
    stop: async () => {
      await end((running) => running.stop());
      if (options.dataFolder === undefined) rmSync(path.dirname(dataFolder), { recursive: true, force: true });
    },
    kill: () => end((running) => running.kill()),
    restart: async () => {
      await end((running) => running.stop());
      server = await start(port);
    },
  };
}
