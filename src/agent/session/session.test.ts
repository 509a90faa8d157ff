import { KubernetesError } from '../kubernetes/port';
import { stateConfigMap } from '../names';
import { application, configMap, configMapRef, eventually, webNamespace, world, type World } from '../testing/fixtures';

describe('the session of an agent', () => {
  let w: World;
  beforeEach(() => (w = world()));
  afterEach(() => w.end());

  const counter = (): unknown =>
    (w.kubernetes.peek(configMapRef(stateConfigMap, 'flotilla-system'))?.data as Record<string, string>)?.session;

  it('has a number that rises with every start', async () => {
    for (const number of [1, 2, 3]) {
      const agent = await w.start();
      await eventually('session', () => w.hub.sessions.at(-1) === number);
      expect(counter()).toBe(String(number));
      await agent.stop();
    }
  });

  it('reads the counter again when another agent was faster', async () => {
    await (await w.start()).stop();
    w.kubernetes.faults.failNext(
      ({ verb, reference }) => verb === 'replace' && reference.name === stateConfigMap,
      new KubernetesError('conflict', 'the object has been modified'),
    );
    await w.start();
    await eventually('session', () => w.hub.sessions.at(-1) === 2);
  });

  it('is superseded by a newer agent on the same cluster, and then writes nothing any more', async () => {
    const older = await w.start();
    await eventually('connection', () => older.state().isConnected);
    const newer = await w.start();
    await eventually('newer session', () => w.hub.sessions.includes(2));
    w.hub.release({ [application]: { objects: [webNamespace, configMap('a')] } });
    expect(await older.whenStopped).toMatchObject({ reason: 'superseded' });
    await eventually('applied', () => w.hub.said(application)?.phase === 'applied');
    expect(newer.state().session).toBe(2);
    expect(w.hub.said(application)?.generation).toBe(1);
  });

  it('is fenced when the counter cannot be read', async () => {
    await (await w.start()).stop();
    w.kubernetes.edit(configMapRef(stateConfigMap, 'flotilla-system'), 'somebody', (map) => {
      (map.data as Record<string, string>).session = 'many';
    });
    await expect(w.start()).rejects.toThrow('"session" is "many", not a number');
  });

  it('beats under its session key, and tells the root that it holds', async () => {
    w.hub.settings = { ...w.hub.settings, heartbeatSeconds: 0.02 };
    await w.start();
    w.hub.release({ [application]: { objects: [webNamespace] } });
    await eventually('heartbeat', () => w.hub.heartbeats.at(-1)?.generation === 1);
    const sequences = w.hub.heartbeats.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
  });
});
