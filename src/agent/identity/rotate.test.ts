import { createPrivateKey } from 'node:crypto';
import { publicKeyText } from '#libs/protocol/keys';
import { KubernetesError } from '../kubernetes/port';
import { application, configMap, eventually, webNamespace, world, type World } from '../testing/fixtures';
import { identityReference, readIdentity } from './identity';

describe('the own key of an agent', () => {
  let w: World;
  beforeEach(() => (w = world()));
  afterEach(() => w.end());

  const old = { timing: { keyAgeMs: 0 } };
  const stored = () => readIdentity(w.kubernetes.peek(identityReference)!);
  const storedKey = (): string => publicKeyText(createPrivateKey(stored().privateKey));
  const isReplaced = (): boolean => w.hub.agentKeys.includes(storedKey());

  it('is replaced when it is old, and everything after is signed by the new one', async () => {
    await w.start(old);
    const first = w.hub.joins[0]!.publicKey;
    await eventually('another key', isReplaced);
    expect(storedKey()).not.toBe(first);
    w.hub.release({ [application]: { objects: [webNamespace, configMap('a')] } });
    await eventually('a report under it', () => w.hub.said(application)?.phase === 'applied');
  });

  it('holds up no agent that is stopped before it has begun', async () => {
    const stop = new AbortController();
    const start = w.start({ signal: stop.signal, watch: true });
    await eventually('joined', () => w.hub.joins.length === 1);
    stop.abort();
    const agent = await start.catch(() => undefined);
    await agent?.stop();
  });

  it('stays while it is young', async () => {
    const agent = await w.start();
    await eventually('connection', () => agent.state().isConnected);
    expect(w.hub.agentKeys).toEqual([]);
    expect(stored().nextPrivateKey).toBeUndefined();
  });

  it('is finished with the same next key when the answer of the hub was lost', async () => {
    w.hub.loseRotation = true;
    const agent = await w.start(old);
    await eventually('told', () => w.hub.agentKeys.length > 0);
    await agent.stop();
    expect(storedKey()).toBe(w.hub.joins[0]!.publicKey);
    w.hub.loseRotation = false;
    // The next run goes on with it, however young the present key is.
    await w.start();
    await eventually('another key', isReplaced);
    expect(new Set(w.hub.agentKeys).size).toBe(1);
    expect(stored().nextPrivateKey).toBeUndefined();
  });

  it('is finished when the cluster could not be written to after the hub had taken it', async () => {
    let writes = 0;
    w.kubernetes.faults.failNext(
      ({ verb, reference }) => verb === 'replace' && reference.kind === 'Secret' && (writes += 1) === 3,
      new KubernetesError('unavailable', 'away'),
    );
    const agent = await w.start(old);
    await eventually('told', () => w.hub.agentKeys.length > 0);
    await agent.stop();
    await w.start();
    await eventually('another key', isReplaced);
    expect(new Set(w.hub.agentKeys).size).toBe(1);
  });
});
