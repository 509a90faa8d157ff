import { Client } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { newTokenText } from '#src/hub/access/token-text';
import type { Role } from '#src/hub/access/permissions';

/** A token made straight in the database, for a hub that runs as a process of its own. */
export async function tokenInDatabase(databaseUrl: string, role: Role): Promise<string> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const id = uuidv7();
    const { token, hash } = newTokenText(id);
    await client.query(
      `INSERT INTO api_tokens (id, name, role, token_hash, created_by, expires_at)
       VALUES ($1, $2, $2, $3, 'test', now() + interval '1 day')`,
      [id, role, hash],
    );
    return token;
  } finally {
    await client.end();
  }
}
