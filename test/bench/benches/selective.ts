import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '#test/harness/eventually';
import { startKafka } from '#test/harness/kafka';
import { startKubernetes } from '#test/harness/kubernetes';
import type { Bench, Measured, Progress } from '../bench';
import { type BenchCluster, registerCluster, startAgentProcess } from '../parts/agent';
import { withCleanup } from '../parts/cleanup';
import { countCluster, isManagedWrite } from '../parts/counted-cluster';
import { type CountingProxy, startCountingProxy } from '../parts/counting-proxy';
import { type BenchHub, startHub } from '../parts/hub';
import { configMapOf } from '../parts/payload';
import { type BenchSource, declareApplication, serveRepository } from '../parts/source';
import { rounded } from '../statistics';

const applications = 20;
const objectsPerApplication = 50;
const objectBytes = 4_096;
/** Each of another object; of each figure the worst counts. */
const changes = 5;
const namespace = 'default';
/** Longer than any request that belongs to a change comes after it. */
const quietMs = 1_500;
const withinMs = 60_000;

export const selective: Bench = {
  name: 'selective',
  summary: `one object of 4 KB changes among ${applications} applications of ${objectsPerApplication} objects on a real cluster`,
  figures: {
    hubRequests: { what: 'requests of the agent to the hub that were completed', target: { atMost: 2 } },
    managedWrites: { what: 'writes of managed objects at the API server', target: { exactly: 1 } },
    bodyBytes: {
      what: 'request and response bodies between agent and hub, on the wire',
      target: { atMost: 5 * objectBytes },
    },
  },
  limit: 'the bytes of the object itself, as JSON; ratio is of bodyBytes',
  setup: [
    `From before the commit until its report is in the state of the fleet, and ${quietMs} ms on; counted by proxies between`,
    'agent and hub and between agent and API server. What the agent writes for itself, in its namespace, is no managed',
    `object. All objects have that size, of random text. The worst of ${changes} changes counts. The agent reports over a real`,
    'Kafka, as usual; what it would be with reports through the hub, heartbeats included, stands below the figures.',
  ],
  run: (progress) => withCleanup((later) => measure(progress, later)),
};

async function measure(progress: Progress, later: (end: () => unknown) => void): Promise<Measured> {
  progress('starting PostgreSQL, Kafka, an API server and the hub');
  const [kubernetes, { kafka, hub }, served] = await Promise.all([
    startKubernetes({ clusters: 1 }),
    startKafka().then(async (broker) => ({ kafka: broker, hub: await startHub(broker.brokers) })),
    serveRepository(),
  ]);
  later(() => kafka.stop());
  later(() => kubernetes.stop());
  later(() => hub.stop());
  await served.repository.commit(Object.fromEntries(allObjects().map(({ file }) => [file.path, file.newText()])));
  const source = await served.follow(hub);
  later(() => source.stop());
  const toHub = await startCountingProxy({ target: hub.url });
  later(() => toHub.stop());
  const { proxy: toCluster, kubeconfig } = await countCluster(kubernetes.clusters[0]!);
  later(() => toCluster.stop());
  progress(`joining the agent, and installing ${applications * objectsPerApplication} objects`);
  const cluster: BenchCluster = { name: 'one', region: 'eu-central', kubeconfig, isWithoutKafka: false };
  const joinToken = await registerCluster(hub, cluster);
  const agent = startAgentProcess(cluster, toHub.url, joinToken);
  later(() => agent.stop());
  for (let index = 0; index < applications; index += 1) await declareApplication(hub, nameOf(index), nameOf(index));
  const parts = { hub, source, toHub, toCluster };
  await inSync(hub, applications);

  progress(`${changes} changes, reports over Kafka`);
  const overKafka = await series(parts, 0);
  progress(`${changes} changes, reports through the hub`);
  await agent.stop();
  const told = recordsOf(toHub).length;
  const second = startAgentProcess({ ...cluster, isWithoutKafka: true }, toHub.url, joinToken, agent.folder);
  later(() => second.stop());
  // A heartbeat, and a snapshot of everything: from then on, the session is open and all is told.
  await eventually(() =>
    recordsOf(toHub).length >= told + 2 ? Promise.resolve() : Promise.reject(new Error('the agent has not come back')),
  );
  await inSync(hub, applications);
  const throughHub = await series(parts, changes);
  const figures = worst(overKafka);
  return {
    figures,
    limit: { bodyBytes: objectBytes },
    ratio: rounded(figures.bodyBytes / objectBytes, 2),
    notes: [...overKafka.map(describe('over Kafka')), ...throughHub.map(describe('through the hub'))],
  };
}

interface Counted {
  hubRequests: number;
  managedWrites: number;
  bodyBytes: number;
  paths: string[];
}

interface Parts {
  hub: BenchHub;
  source: BenchSource;
  toHub: CountingProxy;
  toCluster: CountingProxy;
}

async function series(parts: Parts, from: number): Promise<Counted[]> {
  const counted: Counted[] = [];
  for (let change = from; change < from + changes; change += 1) counted.push(await countChange(parts, change));
  return counted;
}

async function countChange({ hub, source, toHub, toCluster }: Parts, change: number): Promise<Counted> {
  await quiet(toHub);
  const before = { hub: toHub.exchanges.length, cluster: toCluster.exchanges.length };
  const application = change % applications;
  const { path, newText } = objectOf(application, (change * 7) % objectsPerApplication).file;
  const commit = await source.repository.commit({ [path]: newText() });
  await source.push(commit);
  await applied(hub, nameOf(application), commit);
  await sleep(quietMs);
  const exchanges = toHub.exchanges.slice(before.hub);
  return {
    hubRequests: exchanges.length,
    managedWrites: toCluster.exchanges.slice(before.cluster).filter(isManagedWrite).length,
    bodyBytes: exchanges.reduce((sum, { requestBytes, responseBytes }) => sum + requestBytes + responseBytes, 0),
    paths: exchanges.map(
      (each) => `${each.path.slice(each.path.lastIndexOf('/'))} ${each.requestBytes}+${each.responseBytes}`,
    ),
  };
}

/** Until this commit is what the application has released, and its report is in the state of the fleet. */
async function applied(hub: BenchHub, application: string, commit: string): Promise<void> {
  await eventually(async () => {
    const { status } = await hub.get<ApplicationAnswer>(`/applications/${application}`);
    if (status.release?.commit === commit && status.targets.inSync === 1) return;
    throw new Error(`application ${application} is not in sync at ${commit}: ${JSON.stringify(status)}`);
  }, withinMs);
}

interface ApplicationAnswer {
  status: { release?: { commit: string }; targets: { inSync: number } };
}

async function inSync(hub: BenchHub, targets: number): Promise<void> {
  await eventually(async () => {
    const status = await hub.get<{ targets: { inSync: number } }>('/status');
    if (status.targets.inSync !== targets) throw new Error(`not all is in sync: ${JSON.stringify(status.targets)}`);
  }, withinMs);
}

const recordsOf = (toHub: CountingProxy) => toHub.exchanges.filter(({ path }) => path.endsWith('/records'));

/** Until nothing was answered for a while: what is held open is a poll. */
async function quiet(proxy: CountingProxy): Promise<void> {
  await eventually(() => {
    const sinceMs = performance.now() - (proxy.exchanges.at(-1)?.completedAtMs ?? 0);
    return sinceMs > quietMs ? Promise.resolve() : Promise.reject(new Error('the agent does not cease to ask the hub'));
  }, withinMs);
}

const worst = (counted: readonly Counted[]) => ({
  hubRequests: Math.max(...counted.map(({ hubRequests }) => hubRequests)),
  managedWrites: Math.max(...counted.map(({ managedWrites }) => managedWrites)),
  bodyBytes: Math.max(...counted.map(({ bodyBytes }) => bodyBytes)),
});

const describe =
  (way: string) =>
  ({ hubRequests, managedWrites, bodyBytes, paths }: Counted) =>
    `  ${way}: ${hubRequests} requests, ${managedWrites} writes, ${bodyBytes} bytes: ${paths.join(', ')}`;

const nameOf = (application: number): string => `app-${String(application + 1).padStart(2, '0')}`;

function objectOf(application: number, index: number) {
  const name = `${nameOf(application)}-${String(index + 1).padStart(2, '0')}`;
  const newText = () => JSON.stringify(configMapOf(name, namespace, objectBytes));
  return { file: { path: `${nameOf(application)}/${name}.yaml`, newText } };
}

function allObjects() {
  return Array.from({ length: applications * objectsPerApplication }, (_, index) =>
    objectOf(Math.floor(index / objectsPerApplication), index % objectsPerApplication),
  );
}
