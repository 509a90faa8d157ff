import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { keyIdOf, publicKeyText, trustedSigningKeys } from '#libs/protocol/keys';
import { judgeRoot } from '#libs/protocol/root';
import { HubKeys } from '#src/hub/security/hub-keys';
import { AgentTokens } from '#src/hub/agents/agent-tokens.service';
import { startTestHub, type TestHub } from '#test/harness/hub';
import { SignJWT } from 'jose';
import { makeRepository } from '#test/harness/git';

let hub: TestHub;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'flotilla-delivery-'));
  hub = await startTestHub();
});
afterAll(async () => {
  await hub?.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('brings a commit to the root of a cluster', async () => {
  const repository = await makeRepository(folder);
  await repository.commit({ 'app/config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: "${cluster.name}"}\n' });
  const key = generateKeyPairSync('ed25519').privateKey;
  const publicKey = publicKeyText(key);
  const cluster = randomUUID();
  await hub.database.execute(
    `INSERT INTO clusters (id, name, region, lifecycle, agent_key, agent_key_id, cluster_uid) VALUES ($1, 'c1', 'eu', 'joined', $2, $3, 'uid')`,
    [cluster, publicKey, keyIdOf(publicKey)],
  );
  const source = randomUUID();
  await hub.database.execute(`INSERT INTO sources (id, name, spec) VALUES ($1, 's', $2)`, [
    source,
    JSON.stringify({ url: folder, revision: { branch: 'main' }, pollSeconds: 60 }),
  ]);
  await hub.database.execute(`INSERT INTO applications (id, name, source_id, spec) VALUES ($1, 'app', $2, $3)`, [
    randomUUID(),
    source,
    JSON.stringify({
      source: 's', path: 'app', renderer: 'yaml', substitute: true, placement: { all: true }, allowEmpty: false, allowSecrets: false,
      sync: { prune: true, pruneLimits: { maxObjects: 10, maxPercent: 20 }, drift: 'reapply', conflicts: 'fail' },
    }),
  ]);
  const keys = hub.app.get(HubKeys, { strict: false });
  const assertion = await new SignJWT({})
    .setProtectedHeader({ alg: 'EdDSA', kid: keyIdOf(publicKey) })
    .setIssuer(cluster).setSubject(cluster).setAudience(keys.hubId).setIssuedAt().setExpirationTime('60s').setJti(randomUUID())
    .sign(key);
  const { body } = await hub.anonymous.post('/agent/v1/token').send({ assertion }).expect(200);
  const answer = await hub.anonymous.post('/agent/v1/sync').set('authorization', `Bearer ${body.token}`)
    .send({ protocol: 1, session: 1, have: { epoch: 0, generation: 0, scopes: {}, hold: 0 }, waitMs: 10_000 });
  console.log(JSON.stringify(answer.body, null, 1).slice(0, 3000));
  expect(answer.status).toBe(200);
  const trusted = trustedSigningKeys(keys.keySet(), keys.rootKeyDigest);
  if (!trusted.ok) throw new Error(trusted.message);
  const verdict = judgeRoot(answer.body.root, { hub: keys.hubId, cluster, keys: trusted.keys, now: new Date() });
  expect(verdict.kind).toBe('accepted');
});
void AgentTokens;
