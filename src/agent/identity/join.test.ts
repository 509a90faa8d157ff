import { generateKeyPairSync } from 'node:crypto';
import { HubError } from '../hub/port';
import { eventually, quiet, world, type World } from '../testing/fixtures';
import { identityReference, readIdentity } from './identity';

describe('joining', () => {
  let w: World;
  beforeEach(() => (w = world()));
  afterEach(() => w.end());

  it('keeps the key before it asks, so that a crash in between leads to the same key', async () => {
    w.hub.failure = new HubError('unreachable', 'away');
    const stop = new AbortController();
    const started = w.start({ signal: stop.signal });
    await eventually('stored key', () => w.kubernetes.peek(identityReference) !== undefined);
    stop.abort();
    await expect(started).rejects.toThrow('joining was given up');
    const stored = readIdentity(w.kubernetes.peek(identityReference)!);
    expect(stored.hub).toBeUndefined();
    w.hub.failure = undefined;
    await w.start();
    expect(w.hub.joins).toHaveLength(1);
    expect(readIdentity(w.kubernetes.peek(identityReference)!)).toMatchObject({
      privateKey: stored.privateKey,
      hub: w.hub.id,
      name: 'kiel',
    });
  });

  it('joins once, and a token that is still given does not join again', async () => {
    await (await w.start()).stop();
    await (await w.start()).stop();
    await w.start({ joinToken: undefined, hubUrl: undefined });
    expect(w.hub.joins).toHaveLength(1);
    expect(w.hub.joins[0]?.clusterUid).toBe(
      w.kubernetes.peek({ group: '', version: 'v1', kind: 'Namespace', namespace: '', name: 'kube-system' })?.metadata
        .uid,
    );
  });

  it('believes no hub whose root key is not the one of the token', async () => {
    const { joinToken } = w.hub;
    Object.assign(w.hub, { rootKey: generateKeyPairSync('ed25519').privateKey });
    await expect(w.start({ joinToken })).rejects.toThrow("the hub's root key is not the one that the join token names");
  });

  it('refuses a token of another cluster, and starts without one only when it has joined', async () => {
    await expect(w.start({ joinToken: undefined })).rejects.toThrow('this cluster has not joined a hub');
    await (await w.start()).stop();
    const other = world();
    await expect(w.start({ joinToken: other.hub.joinToken })).rejects.toThrow('this cluster has joined as');
    await expect(w.start({ joinToken: 'nonsense' })).rejects.toThrow('this is not a join token');
  });

  it('says what to do when the identity is damaged, without a word of the key', async () => {
    await (await w.start()).stop();
    w.kubernetes.edit(identityReference, 'somebody', (secret) => {
      delete (secret.data as Record<string, string>).cluster;
    });
    await expect(w.start()).rejects.toThrow('is incomplete or damaged (cluster); delete it and join again');
  });

  it('ends when the hub says that it was revoked or deregistered, and leaves everything', async () => {
    for (const kind of ['revoked', 'deregistered'] as const) {
      const agent = await w.start();
      await eventually('connection', () => agent.state().isConnected);
      const before = w.kubernetes.objects().length;
      w.hub.fail(new HubError(kind, 'a person has decided'));
      expect(await agent.whenStopped).toEqual({ reason: kind, message: 'a person has decided' });
      await quiet(20);
      expect(w.kubernetes.objects()).toHaveLength(before);
      w.hub.failure = undefined;
    }
  });
});
