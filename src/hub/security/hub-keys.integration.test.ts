import { randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { keyIdOf, publicKeyText, signText, trustedSigningKeys, verifyText } from '#libs/protocol/keys';
import { Database } from '#src/hub/database/database';
import '#src/hub/database/database.module';
import { type FreshDatabase, freshDatabase } from '#test/harness/postgres';
import { HubKeys } from './hub-keys';
import { Sealing } from './sealing';

describe('the keys of a hub', () => {
  const master = randomBytes(32);
  let fresh: FreshDatabase;
  let sources: DataSource[];
  let databases: Database[];

  beforeEach(async () => {
    fresh = await freshDatabase();
    sources = await Promise.all(
      [1, 2, 3].map(() => new DataSource({ type: 'postgres', url: fresh.url, poolSize: 2 }).initialize()),
    );
    databases = sources.map((source) => new Database(source));
  });
  afterEach(async () => {
    await Promise.all(sources.map((source) => source.destroy()));
    await fresh.drop();
  });

  it('are the same for hubs that start together, and at the next start', async () => {
    const loaded = await Promise.all(databases.map((database) => HubKeys.load(database, new Sealing(master))));
    const [first] = loaded;
    const again = await HubKeys.load(databases[0] as Database, new Sealing(master));
    for (const keys of [...loaded, again]) {
      expect(keys.hubId).toBe(first?.hubId);
      expect(keys.epoch).toBe(1);
      expect(keys.rootKeyDigest).toBe(first?.rootKeyDigest);
      expect(keys.keySet()).toEqual(first?.keySet());
      expect(keys.tokenKey()).toEqual(first?.tokenKey());
    }
  });

  it('sign what agents trust who pinned the root key', async () => {
    const keys = await HubKeys.load(databases[0] as Database, new Sealing(master));
    const trusted = trustedSigningKeys(keys.keySet(), keys.rootKeyDigest);
    if (!trusted.ok) throw new Error(trusted.message);
    const publicKey = trusted.keys.get(keys.signingKeyId());
    expect(publicKey).toBe(publicKeyText(keys.signingKey()));
    expect(keyIdOf(publicKey ?? '')).toBe(keys.signingKeyId());
    const signature = signText('flotilla.dev/root/v1', 'a root', keys.signingKey());
    expect(verifyText('flotilla.dev/root/v1', 'a root', signature, publicKey ?? '')).toBe(true);
  });

  it('are sealed, and open only with the encryption key that sealed them', async () => {
    await HubKeys.load(databases[0] as Database, new Sealing(master));
    await expect(HubKeys.load(databases[0] as Database, new Sealing(randomBytes(32)))).rejects.toThrow(
      "was the hub's encryption key changed?",
    );
  });
});
