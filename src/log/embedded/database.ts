import { Client, Pool, type PoolClient, type QueryConfig, type QueryResult, type QueryResultRow } from 'pg';
import { errorText } from '../logger';
import { LogUnavailable } from '../port';

/** What the embedded log runs on: a pool that the caller owns, or a URL for a pool of its own. */
export type DatabaseConfig = { pool: Pool } | { url: string };

const CONNECT_TIMEOUT_MS = 5_000;

/** A server that went without a word ends a statement after this; also in a pool that the caller owns. */
const QUERY_TIMEOUT_MS = 30_000;

/** SQLSTATE classes that say something of the statement or its data; all others say that the server cannot serve now. */
const STATEMENT_CLASSES = new Set(['21', '22', '23', '26', '42']);

export type Statement = (sql: string, values?: unknown[]) => Promise<QueryResult>;

export class Database {
  private readonly pool: Pool;
  private readonly owned: boolean;

  constructor(
    config: DatabaseConfig,
    private readonly onError: (error: unknown) => void,
  ) {
    this.owned = 'url' in config;
    this.pool =
      'url' in config
        ? new Pool({ connectionString: config.url, max: 8, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
        : config.pool;
    // Without a listener an idle connection that the server ends would end the process; one more does no harm.
    this.pool.on('error', onError);
  }

  /** Rejects with `LogUnavailable` when the server cannot be reached. */
  async rows<Row extends QueryResultRow>(sql: string, values: unknown[]): Promise<Row[]> {
    try {
      return (await this.pool.query<Row>(timed(sql, values))).rows;
    } catch (error) {
      throw asUnavailable(error);
    }
  }

  /** Runs the statements that `work` gives to `run`, each on the same connection, in one transaction. */
  async transaction<T>(work: (run: Statement) => Promise<T>): Promise<T> {
    let client: PoolClient | undefined;
    // A connection that breaks tells its statement and, beside it, whoever listens: nobody would be an uncaught error.
    const ignore = (): void => {};
    try {
      client = await this.pool.connect();
      client.on('error', ignore);
      const run: Statement = (sql, values = []) => client!.query(timed(sql, values));
      await run('BEGIN');
      const outcome = await work(run);
      await run('COMMIT');
      client.off('error', ignore).release();
      return outcome;
    } catch (error) {
      // Destroyed rather than rolled back: it may be broken, and this is rare.
      client?.release(true);
      throw asUnavailable(error);
    }
  }

  /** A connection of its own beside the pool, for LISTEN; not yet connected. */
  listener(): Client {
    const { options } = this.pool;
    const connectionTimeoutMillis = options.connectionTimeoutMillis || CONNECT_TIMEOUT_MS;
    // The pool hides its password from enumeration.
    return new Client({ ...options, password: options.password, connectionTimeoutMillis, keepAlive: true });
  }

  async close(): Promise<void> {
    if (this.owned) await this.pool.end();
    else this.pool.off('error', this.onError);
  }
}

function asUnavailable(error: unknown): unknown {
  const code = (error as { code?: unknown }).code;
  const ofStatement = typeof code === 'string' && code.length === 5 && STATEMENT_CLASSES.has(code.slice(0, 2));
  if (ofStatement || error instanceof LogUnavailable) return error;
  return new LogUnavailable(`PostgreSQL cannot be reached: ${errorText(error)}`, { cause: error });
}

const timed = (text: string, values: unknown[]): QueryConfig =>
  ({ text, values, query_timeout: QUERY_TIMEOUT_MS }) as QueryConfig;
