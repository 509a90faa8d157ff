import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import supertest from 'supertest';
import { AccessTokens, type TokenRequest } from '#src/hub/access/access-tokens';
import { createHub } from '#src/hub/app';
import { type HubConfig, type HubConfigInput, hubConfigSchema } from '#src/hub/config/schema';
import { Database } from '#src/hub/database/database';
import { createLogger } from '#src/hub/http/logging';
import { freshDatabase } from './postgres';

type DeepPartial<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: DeepPartial<T[K]> } : T;
export type HubOverrides = DeepPartial<HubConfigInput>;

export interface TestHub {
  app: NestFastifyApplication;
  config: HubConfig;
  /** `http://127.0.0.1:<port>` */
  url: string;
  adminToken: string;
  database: Database;
  /** As admin. */
  request: ReturnType<typeof supertest.agent>;
  /** Without a token. */
  anonymous: ReturnType<typeof supertest.agent>;
  /** As the bearer of a new token. */
  as(token: Omit<TokenRequest, 'name'> & { name?: string }): Promise<ReturnType<typeof supertest.agent>>;
  /** JSON lines that the hub has logged. */
  logs: string[];
  /** Drops the database that was made for it. */
  stop(): Promise<void>;
}

/** A whole hub on 127.0.0.1 with a fresh database, unless `database.url` says which. */
export async function startTestHub(overrides: HubOverrides = {}): Promise<TestHub> {
  const own = overrides.database?.url === undefined ? await freshDatabase() : undefined;
  const dataFolder = mkdtempSync(path.join(tmpdir(), 'flotilla-hub-'));
  const config = hubConfigSchema.parse({
    dataFolder,
    encryption: { key: randomBytes(32).toString('base64') },
    sources: { allowLocalPaths: true, ...overrides.sources },
    ...overrides,
    database: { poolSize: 10, ...overrides.database, url: own?.url ?? overrides.database?.url },
    http: { host: '127.0.0.1', port: 0, ...overrides.http },
  });
  const logs: string[] = [];
  const logger = createLogger(config.logging.level, { write: (line: string) => void logs.push(line) });
  const end = async () => {
    rmSync(dataFolder, { recursive: true, force: true });
    await own?.drop();
  };
  try {
    const app = await createHub(config, { logger });
    await app.listen(config.http.port, config.http.host);
    const url = `http://127.0.0.1:${(app.getHttpServer().address() as { port: number }).port}`;
    const issue = (token: TokenRequest) => app.get(AccessTokens, { strict: false }).issue(token, 'test');
    const bearing = (token: string) => supertest.agent(url).set('authorization', `Bearer ${token}`);
    const { token: adminToken } = await issue({ name: 'admin', role: 'admin' });
    return {
      app,
      config,
      url,
      adminToken,
      database: app.get(Database, { strict: false }),
      request: bearing(adminToken),
      anonymous: supertest.agent(url),
      as: async (token) => bearing((await issue({ name: token.role, ...token })).token),
      logs,
      stop: async () => {
        await app.close();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}
