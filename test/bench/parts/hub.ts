import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { localApi } from '#src/demo/local-api';
import { freePort } from '#src/embedded/ports';
import { eventually } from '#test/harness/eventually';
import { startPostgres } from '#test/harness/postgres';
import { temporaryFolder } from '#test/harness/run/folder';
import { tokenInDatabase } from '#test/harness/tokens';
import { type Program, startProgram } from './program';

export interface BenchHub {
  url: string;
  /** Of its PostgreSQL. Secret. */
  databaseUrl: string;
  /** Processor time that it has used so far. */
  cpuSeconds(): Promise<number>;
  program: Program;
  /** As admin; throws for every answer that is no success. */
  get<T>(path: string): Promise<T>;
  put<T>(path: string, body: unknown): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  stop(): Promise<void>;
}

/**
 * A hub in a process of its own, on a PostgreSQL of its own that waits for its disk as in production.
 * @param brokers of Kafka; none: on the embedded log
 */
export async function startHub(brokers: readonly string[] = []): Promise<BenchHub> {
  const postgres = await startPostgres({ durable: true });
  const folder = temporaryFolder('hub');
  const data = path.join(folder, 'data');
  mkdirSync(data);
  const port = await freePort();
  const program = startProgram({
    name: 'hub',
    script: 'src/hub/main.js',
    folder,
    env: {
      FLOTILLA_DATABASE_URL: postgres.url,
      FLOTILLA_HTTP_PORT: String(port),
      FLOTILLA_DATA_FOLDER: data,
      FLOTILLA_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      FLOTILLA_SOURCES_ALLOW_INSECURE_HTTP: 'true',
      ...(brokers.length === 0
        ? {}
        : {
            FLOTILLA_LOG_KIND: 'kafka',
            FLOTILLA_LOG_BROKERS: brokers.join(','),
            FLOTILLA_AGENTS_KAFKA_BROKERS: brokers.join(','),
          }),
    },
  });
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => {
    if (!program.isRunning()) return;
    if (!(await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1_000) })).ok) throw notReady(program);
  });
  if (!program.isRunning()) throw notReady(program);
  const api = localApi(url, await tokenInDatabase(postgres.url, 'admin'));
  const call = async <T>(what: string, answer: Promise<{ status: number; body: unknown }>): Promise<T> => {
    const { status, body } = await answer;
    if (status < 300) return body as T;
    throw new Error(`the hub refused ${what}: ${status} ${JSON.stringify(body)}`);
  };
  return {
    url,
    databaseUrl: postgres.url,
    cpuSeconds: async () => {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      const found = /^process_cpu_seconds_total (\S+)/m.exec(metrics);
      if (found === null) throw new Error('the hub does not say how much processor time it has used');
      return Number(found[1]);
    },
    program,
    get: (route) => call(`GET ${route}`, api.get(route)),
    put: (route, body) => call(`PUT ${route}`, api.put(route, body)),
    post: (route, body) => call(`POST ${route}`, api.post(route, body)),
    stop: async () => {
      await program.stop();
      await postgres.stop();
    },
  };
}

function notReady(program: Program): Error {
  return new Error(`the hub does not become ready:\n${program.said()}`);
}
