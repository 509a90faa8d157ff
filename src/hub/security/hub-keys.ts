import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import type { Digest } from '#libs/protocol/digest';
import { keyDigest, keyIdOf, type KeySet, publicKeyText, signingKeyText, signText } from '#libs/protocol/keys';
import type { Database } from '#src/hub/database/database';
import type { Sealing } from './sealing';

const purpose = 'hub-keys';

interface KeyRow {
  key_id: string;
  role: 'root' | 'signing' | 'token';
  version: number;
  public_key: string | null;
  private_key_sealed: Buffer;
  signature: string | null;
}

interface NewKey extends Omit<KeyRow, 'private_key_sealed'> {
  secret: Buffer;
}

/**
 * Who this hub is to its agents. The root key is pinned by join tokens and vouches for signing keys; signing keys sign
 * roots; the token key makes and checks the short-lived tokens of agents. All hubs of one database share them.
 */
export class HubKeys {
  private constructor(
    readonly hubId: string,
    /** Rises when the hub is restored from a backup. */
    readonly epoch: number,
    readonly rootKeyDigest: Digest,
    private readonly keys: KeySet,
    private readonly newestSigningKey: KeyObject,
    private readonly newestTokenKey: Buffer,
  ) {}

  /**
   * Reads the keys, and makes them at the first start; hubs that start together agree on one set.
   * Throws when the encryption key is not the one that they were sealed with.
   */
  static async load(database: Database, sealing: Sealing): Promise<HubKeys> {
    await database.transaction(async () => {
      // A second hub waits here for the first one's transaction, and then has nothing to do.
      const made = await database.execute('INSERT INTO hub (id) VALUES ($1) ON CONFLICT DO NOTHING', [randomUUID()]);
      if (made === 0) return;
      for (const key of firstKeys()) await insertKey(database, sealing, key);
    });
    const hub = await database.one<{ id: string; epoch: number }>('SELECT id, epoch FROM hub');
    const rows = await database.query<KeyRow>(
      `SELECT key_id, role, version, public_key, private_key_sealed, signature
       FROM hub_keys WHERE retired_at IS NULL ORDER BY version DESC`,
    );
    const root = rows.find((row) => row.role === 'root');
    const signing = rows.filter((row) => row.role === 'signing');
    const token = rows.find((row) => row.role === 'token');
    if (hub === undefined || root?.public_key == null || signing[0] === undefined || token === undefined) {
      throw new Error('the hub has lost its keys (table hub_keys): restore the database from a backup');
    }
    const open = (row: KeyRow) => sealing.open(purpose, row.key_id, row.private_key_sealed);
    const keySet: KeySet = {
      root: root.public_key,
      signing: signing.map((row) => ({
        publicKey: row.public_key ?? '',
        version: row.version,
        signature: row.signature ?? '',
      })),
    };
    const signingKey = createPrivateKey({ key: open(signing[0]), format: 'der', type: 'pkcs8' });
    return new HubKeys(hub.id, hub.epoch, keyDigest(root.public_key), keySet, signingKey, open(token));
  }

  /** What agents are given to trust this hub's signatures by. */
  keySet(): KeySet {
    return this.keys;
  }

  /** The newest private signing key. */
  signingKey(): KeyObject {
    return this.newestSigningKey;
  }

  /** Key id of `signingKey()`, as agents look it up. */
  signingKeyId(): string {
    return keyIdOf(publicKeyText(this.newestSigningKey));
  }

  /** 32 bytes that all hubs of this database share: for the tokens of agents. */
  tokenKey(): Buffer {
    return this.newestTokenKey;
  }
}

function firstKeys(): NewKey[] {
  const root = generateKeyPairSync('ed25519');
  const signing = generateKeyPairSync('ed25519');
  const rootKey = publicKeyText(root.publicKey);
  const signingKey = publicKeyText(signing.publicKey);
  const signature = signText('flotilla.dev/signing-key/v1', signingKeyText(signingKey, 1), root.privateKey);
  const der = (key: KeyObject) => key.export({ format: 'der', type: 'pkcs8' });
  const common = { version: 1, signature: null };
  return [
    { ...common, key_id: keyIdOf(rootKey), role: 'root', public_key: rootKey, secret: der(root.privateKey) },
    {
      ...common,
      key_id: keyIdOf(signingKey),
      role: 'signing',
      public_key: signingKey,
      secret: der(signing.privateKey),
      signature,
    },
    { ...common, key_id: randomBytes(8).toString('hex'), role: 'token', public_key: null, secret: randomBytes(32) },
  ];
}

async function insertKey(database: Database, sealing: Sealing, key: NewKey): Promise<void> {
  await database.execute(
    `INSERT INTO hub_keys (key_id, role, version, public_key, private_key_sealed, signature)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [key.key_id, key.role, key.version, key.public_key, sealing.seal(purpose, key.key_id, key.secret), key.signature],
  );
}
