import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto';
import type { Digest } from '#libs/protocol/digest';
import { keyDigest, type KeySet, keySetId } from '#libs/protocol/keys';
import type { Database } from '#src/hub/database/database';
import { insertKey, type KeyRow, newRootKey, newSigningKey, newTokenKey, openKey } from './hub-key';
import type { Sealing } from './sealing';

interface Loaded {
  hubId: string;
  epoch: number;
  root: string;
  /** Good now, newest first. */
  rows: KeyRow[];
  /** The database's clock minus this process's monotonic one: hubs whose clocks differ agree on what is in force. */
  offsetMs: number;
}

/**
 * Who this hub is to its agents. The root key is pinned by join tokens and vouches for signing keys; signing keys sign
 * roots; token keys make and check the short-lived tokens of agents. All hubs of one database share them, and learn of
 * others by `refresh`.
 */
export class HubKeys {
  private readonly secrets = new Map<string, Buffer>();
  private readonly privateKeys = new Map<string, KeyObject>();

  private constructor(
    private readonly database: Database,
    private readonly sealing: Sealing,
    private loaded: Loaded,
  ) {
    // Wrong encryption keys are found at the start, not at the first root.
    for (const row of loaded.rows) this.secretOf(row);
  }

  /**
   * Reads the keys, and makes them at the first start; hubs that start together agree on one set.
   * Throws when the encryption key is not the one that they were sealed with.
   */
  static async load(database: Database, sealing: Sealing): Promise<HubKeys> {
    await database.transaction(async () => {
      // A second hub waits here for the first one's transaction, and then has nothing to do.
      const made = await database.execute('INSERT INTO hub (id) VALUES ($1) ON CONFLICT DO NOTHING', [randomUUID()]);
      if (made === 0) return;
      const root = newRootKey();
      for (const key of [root.key, newSigningKey(1, root.privateKey), newTokenKey(1)]) {
        await insertKey(database, sealing, key);
      }
    });
    return new HubKeys(database, sealing, await read(database));
  }

  /** Takes in what was rotated or retired, here or by another process. */
  async refresh(): Promise<void> {
    const loaded = await read(this.database);
    for (const row of loaded.rows) this.secretOf(row);
    this.loaded = loaded;
  }

  get hubId(): string {
    return this.loaded.hubId;
  }

  /** Rises when the hub is restored from a backup. */
  get epoch(): number {
    return this.loaded.epoch;
  }

  get rootKeyDigest(): Digest {
    return keyDigest(this.loaded.root);
  }

  /** What agents are given to trust this hub's signatures by: also keys that will sign, and that have signed. */
  keySet(): KeySet {
    return {
      root: this.loaded.root,
      signing: this.usable('signing').map((row) => ({
        publicKey: row.public_key ?? '',
        version: row.version,
        signature: row.signature ?? '',
      })),
    };
  }

  keySetId(): string {
    return keySetId(this.keySet());
  }

  /** The newest private signing key that is in force. */
  signingKey(): KeyObject {
    const row = this.active('signing');
    const known = this.privateKeys.get(row.key_id);
    if (known !== undefined) return known;
    const key = createPrivateKey({ key: this.secretOf(row), format: 'der', type: 'pkcs8' });
    this.privateKeys.set(row.key_id, key);
    return key;
  }

  /** Key id of `signingKey()`, as agents look it up. */
  signingKeyId(): string {
    return this.active('signing').key_id;
  }

  /** Whether a signature by this key is to be replaced: the key is retired, or about to be. */
  isGoing(keyId: string): boolean {
    const row = this.usable('signing').find((one) => one.key_id === keyId);
    return row === undefined || row.retired_at !== null;
  }

  /** What tokens of agents are signed with now: 32 bytes that all hubs of this database share. */
  tokenKey(): { keyId: string; secret: Buffer } {
    const row = this.active('token');
    return { keyId: row.key_id, secret: this.secretOf(row) };
  }

  /** The key of a token that was signed with this one, or with any that is good where the token does not say. */
  tokenKeys(keyId: string | undefined): Buffer[] {
    const rows = this.usable('token').filter((row) => keyId === undefined || row.key_id === keyId);
    return rows.map((row) => this.secretOf(row));
  }

  /** Not retired as of now. */
  private usable(role: KeyRow['role']): KeyRow[] {
    const nowMs = this.nowMs();
    return this.loaded.rows.filter((row) => row.role === role && (row.retired_at?.getTime() ?? Infinity) > nowMs);
  }

  private active(role: KeyRow['role']): KeyRow {
    const nowMs = this.nowMs();
    const active = this.usable(role).filter((row) => row.active_from.getTime() <= nowMs);
    const chosen = active.find((row) => row.retired_at === null) ?? active[0];
    if (chosen === undefined) {
      throw new Error(`the hub has no ${role} key in force: make one by \`flotilla hub keys rotate --role ${role}\``);
    }
    return chosen;
  }

  private nowMs(): number {
    return this.loaded.offsetMs + performance.now();
  }

  private secretOf(row: KeyRow): Buffer {
    const known = this.secrets.get(row.key_id);
    if (known !== undefined) return known;
    const secret = openKey(this.sealing, row);
    this.secrets.set(row.key_id, secret);
    return secret;
  }
}

async function read(database: Database): Promise<Loaded> {
  const hub = await database.one<{ id: string; epoch: number; now: Date }>(
    'SELECT id, epoch, clock_timestamp() AS now FROM hub',
  );
  const offsetMs = (hub?.now.getTime() ?? 0) - performance.now();
  const rows = await database.query<KeyRow>(
    `SELECT key_id, role, version, public_key, private_key_sealed, signature, created_at, active_from, retired_at
       FROM hub_keys WHERE retired_at IS NULL OR retired_at > now() ORDER BY version DESC`,
  );
  const root = rows.find((row) => row.role === 'root');
  const has = (role: KeyRow['role']): boolean => rows.some((row) => row.role === role);
  if (hub === undefined || root?.public_key == null || !has('signing') || !has('token')) {
    throw new Error('the hub has lost its keys (table hub_keys): restore the database from a backup');
  }
  return { hubId: hub.id, epoch: hub.epoch, root: root.public_key, rows, offsetMs };
}
