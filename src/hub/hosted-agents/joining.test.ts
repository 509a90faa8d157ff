import { generateKeyPairSync } from 'node:crypto';
import { keyIdOf, publicKeyText } from '#libs/protocol/keys';
import { ensureAgentNamespace } from '#src/agent/cluster/bootstrap';
import { identityObject, identityReference } from '#src/agent/identity/identity';
import { memoryKubernetes, type MemoryKubernetes } from '#src/agent/kubernetes/memory/memory-kubernetes';
import { forgetRegistration, joinTokenFor } from './joining';

const id = '0190a5d4-0000-7000-8000-000000000001';
const other = '0190a5d4-0000-7000-8000-000000000002';
const key = generateKeyPairSync('ed25519').privateKey;
const keyId = keyIdOf(publicKeyText(key));

describe('whether a hosted agent needs a join token', () => {
  let kubernetes: MemoryKubernetes;
  beforeEach(async () => {
    kubernetes = memoryKubernetes();
    await ensureAgentNamespace(kubernetes);
  });
  const store = (hub: string | undefined, cluster = id) =>
    kubernetes.create(
      identityObject({
        privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
        cluster,
        hubUrl: 'http://hub',
        rootKey: 'a'.repeat(64) as never,
        joinedWith: '',
        name: '',
        region: '',
        ...(hub === undefined ? {} : { hub }),
      }),
    );
  const ask = (agentKeyId: string | undefined, mayJoin = false) =>
    joinTokenFor(kubernetes, { id, agentKeyId, mayJoin }, () => Promise.resolve('token'));

  it('needs one at first, and none when it has joined', async () => {
    expect(await ask(undefined)).toBe('token');
    await store(other);
    expect(await ask(keyId)).toBeUndefined();
  });

  it('goes on where an answer of the hub was lost', async () => {
    await store(undefined);
    expect(await ask(undefined)).toBe('token');
    expect(await ask(keyId)).toBe('token');
    await expect(ask('another key')).rejects.toThrow('an admin lets it join');
  });

  it('joins with another key only when an admin allows it', async () => {
    await expect(ask(keyId)).rejects.toThrow('the key of its agent is gone');
    expect(await ask(keyId, true)).toBe('token');
  });

  it('does not come back with a key that was revoked', async () => {
    await store(other);
    expect(await ask(undefined)).toBe('token');
    expect(await kubernetes.get(identityReference)).toBeUndefined();
  });

  it('never takes the place of another registration', async () => {
    await store(other, other);
    await expect(ask(undefined)).rejects.toThrow(`it has joined as cluster ${other}`);
    await forgetRegistration(kubernetes, id);
    expect(await kubernetes.get(identityReference)).toBeDefined();
    await forgetRegistration(kubernetes, other);
    expect(await kubernetes.get(identityReference)).toBeUndefined();
  });
});
