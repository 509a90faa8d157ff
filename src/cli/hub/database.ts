import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { DataSource } from 'typeorm';
import { AccessTokens } from '#src/hub/access/access-tokens';
import { AccessTokensRepository } from '#src/hub/access/access-tokens.repository';
import { Audit } from '#src/hub/audit/audit';
import { AuditRepository } from '#src/hub/audit/audit.repository';
import { loadHubConfig } from '#src/hub/config/load';
import type { HubConfig } from '#src/hub/config/schema';
import { Database } from '#src/hub/database/database';
import { migrate } from '#src/hub/database/migrate';
import { type Restored, restoreHub } from '#src/hub/restore/restore';
import { KeyRotation } from '#src/hub/security/key-rotation';
import { Sealing } from '#src/hub/security/sealing';
import { Problem } from '#src/hub/http/problem';
import { CliError } from '../errors';
import type { Io } from '../io';
import { exitCodes } from '../exit-codes';
import type { TokenOptions } from './commands';

export async function migrateDatabase(io: Io): Promise<void> {
  await explaining(async () => await migrate(configOf(io).database.url));
}

/** Returns the token's text. Nothing of the hub is started: no stage, no log, no migration. */
export async function issueToken(io: Io, { name, role, expires }: TokenOptions): Promise<string> {
  return await withDatabase(configOf(io), async (database, audit) => {
    const tokens = new AccessTokens(database, new AccessTokensRepository(database), audit);
    const issued = await tokens.issue({ name, role, expiresInDays: expires }, localActor());
    return issued.token;
  });
}

/** The keys of the hub, and who changes them. */
export async function withKeys<T>(io: Io, work: (keys: KeyRotation, actor: string) => Promise<T>): Promise<T> {
  const config = configOf(io);
  const sealing = new Sealing(Buffer.from(config.encryption.key, 'base64'));
  return await withDatabase(config, (database, audit) => work(new KeyRotation(database, sealing, audit), localActor()));
}

export async function restoreDatabase(io: Io): Promise<Restored> {
  return await withDatabase(configOf(io), (database, audit) => restoreHub(database, audit, localActor()));
}

function localActor(): string {
  return `local:${userInfo().username}`;
}

async function withDatabase<T>(
  { database: { url } }: HubConfig,
  work: (database: Database, audit: Audit) => Promise<T>,
): Promise<T> {
  return await explaining(async () => {
    const dataSource = new DataSource({ type: 'postgres', url, poolSize: 1, applicationName: 'flotilla-cli' });
    await dataSource.initialize();
    try {
      const database = new Database(dataSource);
      return await work(database, new Audit(new AuditRepository(database)));
    } finally {
      await dataSource.destroy();
    }
  });
}

function configOf(io: Io): HubConfig {
  const loaded = loadHubConfig(io.env, (file) => readFileSync(file, 'utf8'));
  if (loaded.ok) return loaded.config;
  throw new CliError(exitCodes.usage, 'the configuration of the hub is not valid', {
    details: loaded.errors,
    hint: 'run this with the same FLOTILLA_CONFIG and variables as the hub',
  });
}

/** Not the message of the driver alone: it does not say what to do, and an address with a password is no part of it. */
async function explaining<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Problem) throw CliError.usage(error.message);
    const { code, message } = error as { code?: string; message?: string };
    if (code === '42P01')
      throw CliError.failed('the database has no tables yet', { hint: 'run `flotilla hub migrate`' });
    if (code === undefined) throw error;
    throw CliError.failed(`the database refused: ${message === undefined || message === '' ? code : message}`, {
      hint: 'check database.url of the configuration, and whether PostgreSQL runs there',
    });
  }
}
