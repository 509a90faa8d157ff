import { createPrivateKey } from 'node:crypto';
import type { Audit } from '#src/hub/audit/audit';
import type { Database } from '#src/hub/database/database';
import { Problem } from '#src/hub/http/problem';
import { insertKey, type KeyRow, newSigningKey, newTokenKey, openKey } from './hub-key';
import type { Sealing } from './sealing';

/** Of agents' tokens, and a minute for clocks and requests under way. */
const tokenLifeMs = 660_000;
/** Agents take sixteen signing keys; some room for those that are made in a hurry. */
const maxKeys = 8;

export type KeyState = 'pending' | 'active' | 'standby' | 'retiring' | 'retired';

export interface KeyInfo {
  keyId: string;
  role: KeyRow['role'];
  version: number;
  /** pending: not in force yet; active: signs; standby: good, and a newer one signs; retiring: good until `retiredAt`. */
  state: KeyState;
  createdAt: Date;
  activeFrom: Date;
  retiredAt: Date | undefined;
}

/** Makes, shows and retires the keys of the hub, in the database; every hub takes it in within seconds. */
export class KeyRotation {
  constructor(
    private readonly database: Database,
    private readonly sealing: Sealing,
    private readonly audit: Audit,
  ) {}

  /** Newest first; also those that are retired. */
  async list(): Promise<KeyInfo[]> {
    const { now } = (await this.database.one<{ now: Date }>('SELECT now() AS now'))!;
    const rows = await this.rows();
    return rows.map((row) => infoOf(row, rows, now));
  }

  /**
   * A new version, in force after `activeInMs`: by then, agents and hubs should have learnt of it. A token key that it
   * takes the place of is good for as long as tokens last, and then retires by itself.
   */
  async rotate(role: 'signing' | 'token', activeInMs: number, actor: string): Promise<KeyInfo> {
    const keyId = await this.change(async () => {
      const rows = await this.rows();
      const current = rows.filter((row) => row.role === role);
      if (current.filter((row) => row.retired_at === null).length >= maxKeys) {
        throw Problem.conflict(
          `there are ${maxKeys} ${role} keys already; retire some: flotilla hub keys retire KEY-ID`,
        );
      }
      const version = Math.max(0, ...current.map((row) => row.version)) + 1;
      const key = role === 'token' ? newTokenKey(version) : newSigningKey(version, this.rootKey(rows));
      await insertKey(this.database, this.sealing, key, activeInMs);
      if (role === 'token') {
        await this.database.execute(
          `UPDATE hub_keys SET retired_at = now() + $2 * interval '1 ms'
            WHERE role = 'token' AND retired_at IS NULL AND key_id <> $1`,
          [key.key_id, activeInMs + tokenLifeMs],
        );
      }
      await this.record('hub-key.rotate', key.key_id, undefined, { role, version, activeInMs }, actor);
      return key.key_id;
    });
    return await this.find(keyId);
  }

  /** After `graceMs` nothing that it signed is taken any more; until then the hub replaces its signatures. */
  async retire(keyId: string, graceMs: number, actor: string): Promise<KeyInfo> {
    await this.change(async () => {
      const keys = await this.list();
      const key = keys.find((one) => one.keyId === keyId);
      if (key === undefined) {
        throw Problem.unprocessable(`there is no key ${keyId}; \`flotilla hub keys list\` shows those that there are`);
      }
      if (key.role === 'root') {
        throw Problem.unprocessable('the root key is pinned by every agent that has joined, and cannot be retired');
      }
      if (key.state === 'retired')
        throw Problem.conflict(`key ${keyId} was retired at ${key.retiredAt?.toISOString()}`);
      const isOther = (one: KeyInfo): boolean => one.role === key.role && one.keyId !== keyId;
      if (!keys.some((one) => isOther(one) && (one.state === 'active' || one.state === 'standby'))) {
        throw Problem.conflict(
          `key ${keyId} is the only ${key.role} key in force; make another one by \`flotilla hub keys rotate --role ` +
            `${key.role}\`, and wait until it is active`,
        );
      }
      await this.database.execute(`UPDATE hub_keys SET retired_at = now() + $2 * interval '1 ms' WHERE key_id = $1`, [
        keyId,
        graceMs,
      ]);
      await this.record('hub-key.retire', keyId, { state: key.state }, { role: key.role, graceMs }, actor);
    });
    return await this.find(keyId);
  }

  /** One at a time; hubs are told with the commit. */
  private async change<T>(work: () => Promise<T>): Promise<T> {
    return await this.database.transaction(async () => {
      const hub = await this.database.one('SELECT 1 FROM hub FOR UPDATE');
      if (hub === undefined) throw Problem.conflict('this database has no hub yet: start one, which makes its keys');
      const result = await work();
      await this.database.query(`SELECT pg_notify('flotilla_keys', '')`);
      return result;
    });
  }

  private async find(keyId: string): Promise<KeyInfo> {
    return (await this.list()).find((key) => key.keyId === keyId)!;
  }

  private async rows(): Promise<KeyRow[]> {
    return await this.database.query<KeyRow>(
      `SELECT key_id, role, version, public_key, private_key_sealed, signature, created_at, active_from, retired_at
         FROM hub_keys ORDER BY role, version DESC`,
    );
  }

  private rootKey(rows: readonly KeyRow[]) {
    const root = rows.find((row) => row.role === 'root' && row.retired_at === null);
    if (root === undefined) throw new Error('the hub has lost its root key (table hub_keys): restore a backup');
    return createPrivateKey({ key: openKey(this.sealing, root), format: 'der', type: 'pkcs8' });
  }

  private async record(action: string, keyId: string, before: object | undefined, after: object, actor: string) {
    await this.audit.record(
      { action, resourceKind: 'HubKey', resourceId: keyId, resourceName: keyId, before, after },
      actor,
    );
  }
}

function infoOf(row: KeyRow, rows: readonly KeyRow[], now: Date): KeyInfo {
  return {
    keyId: row.key_id,
    role: row.role,
    version: row.version,
    state: stateOf(row, rows, now),
    createdAt: row.created_at,
    activeFrom: row.active_from,
    retiredAt: row.retired_at ?? undefined,
  };
}

function stateOf(row: KeyRow, rows: readonly KeyRow[], now: Date): KeyState {
  if (row.retired_at !== null) {
    if (row.retired_at <= now) return 'retired';
    // A token key that waits for its successor still signs.
    return isNewest(row, rows, now) ? 'active' : 'retiring';
  }
  if (row.active_from > now) return 'pending';
  return isNewest(row, rows, now) ? 'active' : 'standby';
}

/** The one that signs now, as `HubKeys` chooses it. */
function isNewest(row: KeyRow, rows: readonly KeyRow[], now: Date): boolean {
  const inForce = rows.filter(
    (one) => one.role === row.role && one.active_from <= now && (one.retired_at === null || one.retired_at > now),
  );
  return (inForce.find((one) => one.retired_at === null) ?? inForce[0]) === row;
}
