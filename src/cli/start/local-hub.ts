import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { AccessTokens } from '#src/hub/access/access-tokens';
import { createHub } from '#src/hub/app';
import { hubConfigSchema } from '#src/hub/config/schema';
import { createLogger, type Logger } from '#src/hub/http/logging';
import type { SettingsFile } from './settings';

export interface LocalHub {
  url: string;
  adminToken: string;
  logger: Logger;
  close(): Promise<void>;
}

export const host = '127.0.0.1';
const tokenDays = 365;

/** A hub in this process, on 127.0.0.1 alone, and a token of an administrator for it. */
export async function startLocalHub(
  databaseUrl: string,
  settings: SettingsFile,
  { dataFolder, port, logFile }: { dataFolder: string; port: number; logFile: string },
): Promise<LocalHub> {
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  const logger = createLogger('info', log);
  const config = hubConfigSchema.parse({
    database: { url: databaseUrl },
    http: { host, port },
    dataFolder: path.join(dataFolder, 'hub'),
    encryption: { key: settings.get().encryptionKey },
    agents: { heartbeatSeconds: 5, unknownAfterSeconds: 20 },
    sources: { allowLocalPaths: true },
  });
  const app = await createHub(config, { logger });
  const close = async (): Promise<void> => {
    await app.close();
    await new Promise((resolve) => log.end(resolve));
  };
  try {
    await app.listen(port, host);
    const url = `http://${host}:${(app.getHttpServer().address() as { port: number }).port}`;
    const adminToken = await administrator(app.get(AccessTokens, { strict: false }), settings);
    return { url, adminToken, logger, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function administrator(tokens: AccessTokens, settings: SettingsFile): Promise<string> {
  const known = settings.get().adminToken;
  if (known !== undefined && (await tokens.check(known)).ok) return known;
  const { token } = await tokens.issue(
    { name: 'local-admin', role: 'admin', expiresInDays: tokenDays },
    'flotilla start',
  );
  settings.update({ adminToken: token });
  return token;
}
