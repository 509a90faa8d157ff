import { setTimeout as sleep } from 'node:timers/promises';
import { realKubernetes } from '#src/agent/kubernetes/real/real-kubernetes';
import type { KubernetesApi } from '#src/agent/kubernetes/port';
import { startKafka } from '#test/harness/kafka';
import { startKubernetes } from '#test/harness/kubernetes';
import type { Bench, Measured, Progress } from '../bench';
import { type BenchCluster, registerCluster, startAgentProcess } from '../parts/agent';
import { breakdown, type PushTimes } from '../parts/breakdown';
import { withCleanup } from '../parts/cleanup';
import { startHub } from '../parts/hub';
import { declareApplication, serveRepository } from '../parts/source';
import { type ConfigMapWatch, watchConfigMaps } from '../parts/watch';
import { percentile, rounded } from '../statistics';

const pushes = 100;
/** First pushes, which warm everything up and are not counted. */
const warmUps = 5;
const regions = ['eu-central', 'us-east', 'ap-south'];
const namespace = 'default';
const pushed = 'pushed';
const bare = 'bare';
const seenWithinMs = 30_000;
/** At least and at most. */
const pauseMs: [number, number] = [200, 500];

export const latency: Bench = {
  name: 'latency',
  summary: `${pushes} pushes, each from its webhook until the object has changed in three real API servers`,
  figures: {
    p50Ms: { what: 'half of the pushes are live everywhere within this', target: { atMost: 1_000 } },
    p99Ms: { what: 'of a hundred pushes all but one', target: { atMost: 3_000 } },
  },
  limit: 'a bare server-side apply of the same object to the three, between any two pushes; ratio is of the p50',
  setup: [
    'Time runs from just before the webhook is sent, in the form of GitHub and signed, until a watch on each of the three',
    'has shown the new value. Hub and agents are processes of their own; Git is served over HTTP and polled once a day;',
    'PostgreSQL waits for its disk; two agents report over a real Kafka, one through the hub.',
    `Pushes are ${pauseMs.join(' to ')} ms apart, ${warmUps} more come first and are not counted.`,
  ],
  run: (progress) => withCleanup((later) => measure(progress, later)),
};

async function measure(progress: Progress, later: (end: () => unknown) => void): Promise<Measured> {
  progress('starting PostgreSQL, Kafka, three API servers and the hub');
  const [kubernetes, { kafka, hub }, served] = await Promise.all([
    startKubernetes({ clusters: regions.length }),
    startKafka().then(async (broker) => ({ kafka: broker, hub: await startHub(broker.brokers) })),
    serveRepository(),
  ]);
  later(() => kafka.stop());
  later(() => kubernetes.stop());
  later(() => hub.stop());
  const { repository } = served;
  await repository.commit({ 'app/config.yaml': manifest('0') });
  const source = await served.follow(hub);
  later(() => source.stop());
  progress('joining three agents');
  const agents = await Promise.all(
    kubernetes.clusters.map(async ({ name, kubeconfig }, index) => {
      const cluster: BenchCluster = { name, region: regions[index]!, kubeconfig, isWithoutKafka: index === 2 };
      const agent = startAgentProcess(cluster, hub.url, await registerCluster(hub, cluster));
      later(() => agent.stop());
      return agent;
    }),
  );
  const watches = await Promise.all(kubernetes.clusters.map((cluster) => watchConfigMaps(cluster, namespace)));
  watches.forEach((watch) => later(() => watch.stop()));
  await declareApplication(hub, 'pushed', 'app');
  await seenByAll(watches, pushed, '0').catch((error: unknown) => {
    throw new Error(
      `the first commit does not arrive: ${String(error)}\n${agents.map((agent) => agent.said()).join('\n')}`,
    );
  });
  const clients = kubernetes.clusters.map(({ kubeconfig }) => realKubernetes({ kubeconfig }));
  clients.forEach((client) => later(() => client.close()));

  const pushTimes: PushTimes[] = [];
  const bareMs: number[] = [];
  for (let count = 1; count <= warmUps + pushes; count += 1) {
    const value = String(count);
    await pause();
    const appliedMs = await applyBare(clients, watches, value);
    const commit = await repository.commit({ 'app/config.yaml': manifest(value) });
    const sentAtMs = performance.now();
    const [seenAtMs] = await Promise.all([seenByAll(watches, pushed, value), source.push(commit)]);
    if (count > warmUps) {
      bareMs.push(appliedMs);
      pushTimes.push({ commit, sentAtMs: wallClock(sentAtMs), seenAtMs: wallClock(seenAtMs) });
    }
    if (count % 20 === warmUps) progress(`${count - warmUps} of ${pushes} pushes`);
  }
  const pushMs = pushTimes.map(({ sentAtMs, seenAtMs }) => seenAtMs - sentAtMs);
  const half = percentile(pushMs, 0.5);
  const limit = { p50Ms: percentile(bareMs, 0.5), p99Ms: percentile(bareMs, 0.99) };
  return {
    figures: { p50Ms: rounded(half, 1), p99Ms: rounded(percentile(pushMs, 0.99), 1) },
    limit: { p50Ms: rounded(limit.p50Ms, 1), p99Ms: rounded(limit.p99Ms, 1) },
    ratio: rounded(half / limit.p50Ms, 2),
    notes: [
      'where the time goes, in the median, by the logs:',
      ...breakdown(
        pushTimes,
        hub.program.logs(),
        agents.flatMap((agent) => agent.logs()),
      ),
    ],
  };
}

/** @returns milliseconds until a watch on each has shown it */
async function applyBare(clients: KubernetesApi[], watches: ConfigMapWatch[], value: string): Promise<number> {
  const startedMs = performance.now();
  const object = configMap(bare, value);
  const [seenAtMs] = await Promise.all([
    seenByAll(watches, bare, value),
    ...clients.map((client) => client.apply(object, { fieldManager: 'bench', force: true })),
  ]);
  return seenAtMs - startedMs;
}

async function seenByAll(watches: readonly ConfigMapWatch[], name: string, value: string): Promise<number> {
  return Math.max(...(await Promise.all(watches.map((watch) => watch.seen(name, value, seenWithinMs)))));
}

function configMap(name: string, value: string) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { value } };
}

const manifest = (value: string): string => `${JSON.stringify(configMap(pushed, value), undefined, 2)}\n`;

const wallClock = (atMs: number): number => performance.timeOrigin + atMs;

/** Not in step with any timer of hub or agent. */
function pause(): Promise<void> {
  return sleep(pauseMs[0] + Math.random() * (pauseMs[1] - pauseMs[0]));
}
