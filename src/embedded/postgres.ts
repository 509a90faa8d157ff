import { readFileSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { spawnKept } from './keeper';
import { freePort } from './ports';
import { environment, initialise, postmaster, type Postmaster, role, untilUnused } from './postgres-data';
import { postgresBinaries, postgresUser, reachableFolder } from './postgres-home';
import { signal, untilEnded } from './signals';

const startTimeoutMs = 60_000;
const stopTimeoutMs = 20_000;
const logLimitBytes = 10 * 1024 * 1024;

export interface EmbeddedPostgresOptions {
  /** Holds the data, the password (0600) and the log; is made when missing. */
  dataFolder: string;
  /** A free one when not given. */
  port?: number;
  /** Without it a crash of the machine may lose data: for tests. */
  durable: boolean;
  /** More settings, as in postgresql.conf. */
  settings?: Readonly<Record<string, string>>;
  /** A named pipe whose last writer's end stops the server; without it the end of this process does. */
  lifelineFifo?: string;
}

export interface EmbeddedPostgres {
  /** `postgres://flotilla:<password>@127.0.0.1:<port>/flotilla`, with superuser rights. Secret. */
  url: string;
  port: number;
  /** Of the postmaster. */
  pid: number;
  /** Resolves when the server is gone, for whatever reason. */
  exited: Promise<void>;
  /** Waits for transactions that commit, not for clients that idle. */
  stop(): Promise<void>;
  /** As kill -9 does it: for tests. */
  kill(): Promise<void>;
}

/**
 * Starts a real PostgreSQL on 127.0.0.1 with the data of the folder. Data survive every way to end, kill -9 included, and
 * the server ends with its owner. Throws when the folder is in use, or the server does not become ready (with its log).
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const user = postgresUser();
  const binaries = postgresBinaries(user);
  const home = reachableFolder(path.resolve(options.dataFolder), user);
  const data = path.join(home, 'data');
  const password = await initialise({ home, data, binaries, user });
  await untilUnused(data);

  const log = path.join(home, 'postgres.log');
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > logLimitBytes) truncateSync(log);
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    const before = postmaster(data);
    const from = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
    const server = spawnKept({
      command: binaries.postgres,
      args: ['-D', data, ...settingFlags(port, options)],
      env: environment(),
      ...user,
      logFile: log,
      endSignal: 'QUIT',
      lifelineFifo: options.lifelineFifo,
    });
    const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
    const pid = await ready(data, before, exited);
    if (pid !== undefined) {
      const url = await ensureDatabase(`postgres://${role}:${password}@127.0.0.1:${port}`);
      return {
        url,
        port,
        pid,
        exited,
        stop: () => stop(pid, server.pid, exited),
        kill: () => untilEnded(server.pid, exited, 0),
      };
    }
    await untilEnded(server.pid, exited, 0);
    const said = readFileSync(log).subarray(from).toString('utf8').trim();
    const passes = /could not bind|Address already in use/.test(said)
      ? options.port === undefined
      : /shared memory/.test(said);
    if (!passes || attempt === 5) throw new Error(`PostgreSQL did not start in ${home}:\n${said.slice(-2000)}`);
    await sleep(100 * attempt);
  }
}

function settingFlags(port: number, options: EmbeddedPostgresOptions): string[] {
  const durability = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  const settings: Record<string, string> = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    log_timezone: 'UTC',
    timezone: 'UTC',
    ...(options.durable ? {} : durability),
    ...options.settings,
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** The postmaster's process id, or undefined when it ended first. */
async function ready(data: string, before: Postmaster | undefined, exited: Promise<void>): Promise<number | undefined> {
  let gone = false;
  void exited.then(() => (gone = true));
  for (const until = Date.now() + startTimeoutMs; !gone && Date.now() < until; await sleep(15)) {
    const found = postmaster(data);
    const isNew = found?.pid !== before?.pid || found?.startedAt !== before?.startedAt;
    if (isNew && found?.state === 'ready') return found.pid;
  }
  return undefined;
}

async function ensureDatabase(server: string): Promise<string> {
  const client = new Client({ connectionString: `${server}/postgres` });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [role]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${role}`);
  } finally {
    await client.end();
  }
  return `${server}/${role}`;
}

async function stop(pid: number, keeper: number, exited: Promise<void>): Promise<void> {
  signal(pid, 'SIGINT');
  await untilEnded(keeper, exited, stopTimeoutMs);
}
