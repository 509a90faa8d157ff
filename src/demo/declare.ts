import { demoApplications, type DemoCluster, demoSource } from './fleet';

/** What the demonstration needs of the hub's API. Paths are below `/api/v1`. */
export interface DemoApi {
  get(path: string): Promise<{ status: number; body: unknown }>;
  put(path: string, body: unknown): Promise<{ status: number; body: unknown }>;
  post(path: string, body: unknown): Promise<{ status: number; body: unknown }>;
}

const apiVersion = 'flotilla.dev/v1';

function expectOk(what: string, answer: { status: number; body: unknown }): void {
  if (answer.status < 300) return;
  const detail = (answer.body as { detail?: string } | undefined)?.detail ?? `status ${answer.status}`;
  throw new Error(`the demonstration cannot declare ${what}: ${detail}`);
}

/** Declares what is missing of source and applications: what somebody has edited since stays as it is. */
export async function declareApplications(api: DemoApi, repository: string): Promise<void> {
  const source = {
    apiVersion,
    kind: 'Source',
    metadata: { name: demoSource },
    spec: { url: repository, revision: { branch: 'main' }, pollSeconds: 5 },
  };
  await declareMissing(api, `/sources/${demoSource}`, source);
  for (const { name, spec } of demoApplications) {
    await declareMissing(api, `/applications/${name}`, { apiVersion, kind: 'Application', metadata: { name }, spec });
  }
}

interface Document {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: unknown;
}

async function declareMissing(api: DemoApi, path: string, document: Document): Promise<void> {
  const known = await api.get(path);
  expectOk(`${document.kind} ${document.metadata.name}`, known.status === 404 ? await api.put(path, document) : known);
}

/**
 * Registers a cluster where it is missing, as it is also after somebody has deregistered it.
 * @returns the join token of a new agent; undefined where the one that there is goes on
 */
export async function registerCluster(
  api: DemoApi,
  cluster: DemoCluster,
  hasAgent: boolean,
): Promise<string | undefined> {
  const known = await api.get(`/clusters/${cluster.name}`);
  if (known.status === 404) {
    const answer = await api.post('/clusters', {
      apiVersion,
      kind: 'Cluster',
      metadata: { name: cluster.name, labels: cluster.labels },
      spec: { region: cluster.region },
    });
    expectOk(`cluster ${cluster.name}`, answer);
    return (answer.body as { join: { joinToken: string } }).join.joinToken;
  }
  expectOk(`cluster ${cluster.name}`, known);
  const { lifecycle } = (known.body as { status: { lifecycle: string } }).status;
  if (hasAgent && lifecycle !== 'registered') return undefined;
  // Its simulated cluster is lost: a new one takes its place, with a key of its own.
  const answer = await api.post(`/clusters/${cluster.name}/join-token`, {});
  expectOk(`cluster ${cluster.name}`, answer);
  return (answer.body as { join: { joinToken: string } }).join.joinToken;
}
