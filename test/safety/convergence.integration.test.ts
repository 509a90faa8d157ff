import { setTimeout as sleep } from 'node:timers/promises';
import { memoryKubernetes } from '#src/agent/kubernetes/memory/memory-kubernetes';
import { KubernetesError } from '#src/agent/kubernetes/port';
import { eventually } from '#test/harness/eventually';
import { keepHistory, versionsOnlyRise } from './parts/history';
import { configMap, managedObjects, Ring, type RingCluster } from './parts/ring';

const seed = Number(process.env.FLOTILLA_TEST_SEED ?? 20_261);
const steps = 45;
const applications = ['shop', 'bank', 'mail'];
const clusterNames = ['eu-1', 'eu-2', 'us-1'];

/** Small, good enough, and the same on every machine. */
function randomFrom(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Contents = { version: string; ring: string };

/** Safety rule 15: once faults stop, every cluster is what Git says, and each object was written once for each change. */
describe(`after faults (seed ${seed})`, () => {
  let ring: Ring;
  const random = randomFrom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const versions = new Map(applications.map((name) => [name, 0]));
  /** Cluster and object → what it was after each write that changed it, by the cluster's own word. */
  const written = new Map<string, { resourceVersion: string; data: Contents }[]>();

  beforeAll(async () => {
    ring = await Ring.start();
    await keepHistory(ring);
    await ring.declareSource();
    for (const name of clusterNames) {
      const kubernetes = memoryKubernetes({ changed: () => note(name) });
      watched.set(name, kubernetes);
      await ring.addCluster(name, { kubernetes, labels: { ring: '0' } });
    }
    await ring.push(Object.assign({}, ...applications.map((name) => filesOf(name))));
    for (const name of applications) await ring.declare(name);
    await ring.inSync();
  });
  afterAll(() => ring?.stop());

  const watched = new Map<string, ReturnType<typeof memoryKubernetes>>();
  function note(cluster: string): void {
    const kubernetes = watched.get(cluster);
    // Not yet there: the cluster is being made.
    if (kubernetes === undefined) return;
    for (const [key, object] of managedObjects(kubernetes)) {
      const history = written.get(`${cluster} ${key}`) ?? [];
      const resourceVersion = object.metadata.resourceVersion ?? '';
      if (history.at(-1)?.resourceVersion === resourceVersion) continue;
      written.set(`${cluster} ${key}`, [...history, { resourceVersion, data: object['data'] as Contents }]);
    }
  }
  const filesOf = (name: string) => {
    const version = `${versions.get(name)}`;
    const changing = configMap(`${name}-a`, { version, ring: '${cluster.labels.ring}' });
    return { [`${name}/all.yaml`]: [changing, configMap(`${name}-b`, { version: '0', ring: '0' })].join('---\n') };
  };

  const unavailable = new KubernetesError('unavailable', 'the API server went away');
  const timeout = new KubernetesError('unavailable', 'the answer was lost');
  let labels = 0;
  const actions: Record<string, (cluster: RingCluster) => Promise<unknown>> = {
    commit: async () => {
      const name = pick(applications);
      versions.set(name, versions.get(name)! + 1);
      await ring.push(filesOf(name));
    },
    label: async ({ name }) => ring.label(name, { ring: `${(labels += 1)}` }),
    fail: async ({ kubernetes }) => {
      await Promise.resolve();
      const verb = pick(['apply', 'get', 'list', 'replace', 'create']);
      kubernetes.faults.failNext((operation) => operation.verb === verb, unavailable, 1 + Math.floor(random() * 3));
    },
    lose: async ({ kubernetes }) => {
      await Promise.resolve();
      kubernetes.faults.loseAnswers(({ verb }) => verb === 'apply' || verb === 'replace', timeout);
    },
    partition: async ({ kubernetes }) => {
      await Promise.resolve();
      kubernetes.faults.partition(random() < 0.5);
    },
    pause: async () => sleep(Math.floor(random() * 120)),
    restartAgent: async (cluster) => {
      // An agent that cannot reach its cluster does not begin.
      cluster.kubernetes.faults.clear();
      await cluster.restart();
    },
    restartHub: async () => ring.restartHub(),
  };
  const weighted = [
    'commit',
    'commit',
    'commit',
    'label',
    'fail',
    'fail',
    'lose',
    'partition',
    'pause',
    'pause',
    'restartAgent',
  ];

  it('every cluster is what Git says, by one write for each change', async () => {
    for (let step = 1; step <= steps; step += 1) {
      const name = step === 15 || step === 30 ? 'restartHub' : pick(weighted);
      await actions[name]!(ring.cluster(pick(clusterNames)));
    }
    for (const { kubernetes } of ring.clusters.values()) kubernetes.faults.clear();

    await ring.quiet();
    // A full comparison tries again what failed; it comes by itself every few minutes.
    await eventually(async () => {
      for (const { agent } of ring.clusters.values()) await agent.compareNow();
      const { targets } = await ring.get('status');
      expect(targets).toMatchObject({ total: applications.length * clusterNames.length, inSync: targets.total });
    });
    for (const cluster of ring.clusters.values()) {
      const { body } = await ring.hub.request.get(`/api/v1/clusters/${cluster.name}`).expect(200);
      for (const name of applications) {
        const data = managedObjects(cluster.kubernetes).get(`ConfigMap/${name}-a`)?.['data'];
        expect(data).toEqual({ version: `${versions.get(name)}`, ring: body.metadata.labels.ring });
      }
    }
    for (const [object, history] of written) {
      if (object.endsWith('-b')) expect([object, history.length]).toEqual([object, 1]);
      const told = history.map(({ data }) => `${data.version}/${data.ring}`);
      for (const [index, each] of told.entries()) expect([object, each]).not.toEqual([object, told[index - 1]]);
      const numbers = history.map(({ data }) => Number(data.version));
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    }
    for (const { deletions } of ring.clusters.values()) expect(deletions).toEqual([]);
    await versionsOnlyRise(ring);
    await eventually(async () => {
      expect(await ring.rows(`SELECT release FROM rollouts WHERE state = 'running'`)).toEqual([]);
    }, 10_000);
    expect(ring.errors()).toEqual([]);
  });
});
