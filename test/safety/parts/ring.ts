import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type RunningAgent, startAgent } from '#src/agent/agent';
import type { AgentOptions } from '#src/agent/options';
import { type MemoryKubernetes, memoryKubernetes } from '#src/agent/kubernetes/memory/memory-kubernetes';
import { agentNamespace } from '#src/agent/names';
import { type KubernetesObject, objectKey } from '#libs/kubernetes/object';
import { eventually } from '#test/harness/eventually';
import { type FileChange, makeRepository, type TestRepository } from '#test/harness/git';
import { type HubOverrides, startTestHub, type TestHub } from '#test/harness/hub';
import { freshDatabase } from '#test/harness/postgres';

/** A simulated cluster with its real agent. */
export interface RingCluster {
  name: string;
  id: string;
  kubernetes: MemoryKubernetes;
  agent: RunningAgent;
  /** Keys of objects that the agent has deleted, or tried to; not of its own bookkeeping. */
  deletions: string[];
  /** Without restart: another agent for the same cluster, as after a crash of the first. */
  restart(options?: Partial<AgentOptions>): Promise<void>;
}

export interface ClusterOptions {
  region?: string;
  labels?: Record<string, string>;
  kubernetes?: MemoryKubernetes;
  agent?: Partial<AgentOptions>;
}

const quickly = { pollMs: [2_000, 3_000] as [number, number], healthMs: 1_000 };

/** The whole ring in one process: hubs on one database, a Git repository, clusters in memory with real agents. */
export class Ring {
  readonly clusters = new Map<string, RingCluster>();
  private readonly otherHubs: TestHub[] = [];

  private constructor(
    public hub: TestHub,
    readonly repository: TestRepository,
    private readonly overrides: HubOverrides,
    private readonly end: () => Promise<void>,
  ) {}

  static async start(overrides: HubOverrides = {}): Promise<Ring> {
    const folder = mkdtempSync(path.join(tmpdir(), 'flotilla-safety-'));
    const database = await freshDatabase();
    const settings: HubOverrides = {
      encryption: { key: randomBytes(32).toString('base64') },
      ...overrides,
      database: { url: database.url },
      agents: { heartbeatSeconds: 1, ...overrides.agents },
      sources: { allowLocalPaths: true, ...overrides.sources },
    };
    const repository = await makeRepository(path.join(folder, 'repository'));
    await repository.commit({ 'README.md': 'what runs where\n' }, 'Begin');
    const end = async () => {
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    };
    return new Ring(await startTestHub(settings), repository, settings, end);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.clusters.values()].map(({ agent }) => agent.stop()));
    for (const hub of this.otherHubs) await hub.stop();
    await this.hub.stop();
    await this.end();
  }

  /** One more hub on the same database. */
  async addHub(): Promise<TestHub> {
    const hub = await startTestHub(this.overrides);
    this.otherHubs.push(hub);
    return hub;
  }

  /** The hub ends and another one begins at the same address; agents find it again. `between`: while there is none. */
  async restartHub(between?: () => Promise<void>): Promise<void> {
    const { port } = new URL(this.hub.url);
    await this.hub.stop();
    await between?.();
    this.hub = await startTestHub({ ...this.overrides, http: { port: Number(port) } });
  }

  /** Registered, without an agent. */
  async register(name: string, { region = 'eu', labels = {} }: ClusterOptions = {}) {
    const { body } = await this.hub.request
      .post('/api/v1/clusters')
      .send({ metadata: { name, labels }, spec: { region } })
      .expect(201);
    return { id: body.metadata.id as string, joinToken: body.join.joinToken as string };
  }

  async addCluster(name: string, options: ClusterOptions = {}): Promise<RingCluster> {
    const { id, joinToken } = await this.register(name, options);
    const kubernetes = options.kubernetes ?? memoryKubernetes();
    const deletions = deletionsOf(kubernetes);
    const start = (more: Partial<AgentOptions> = {}) =>
      startAgent({
        kubernetes,
        hubUrl: this.hub.url,
        joinToken,
        bootstrap: true,
        timing: quickly,
        ...options.agent,
        ...more,
      });
    const cluster: RingCluster = {
      name,
      id,
      kubernetes,
      agent: await start(),
      deletions,
      restart: async (more) => {
        await cluster.agent.stop();
        cluster.agent = await start(more);
      },
    };
    this.clusters.set(name, cluster);
    return cluster;
  }

  cluster(name: string): RingCluster {
    const cluster = this.clusters.get(name);
    if (cluster === undefined) throw new Error(`no cluster ${name} in this ring`);
    return cluster;
  }

  async label(name: string, labels: Record<string, string>, hub = this.hub): Promise<void> {
    const { body } = await hub.request.get(`/api/v1/clusters/${name}`).expect(200);
    await hub.request.put(`/api/v1/clusters/${name}`).send({ metadata: { name, labels }, spec: body.spec }).expect(200);
  }

  async declareSource(name = 'git', spec: object = {}): Promise<void> {
    const { folder } = this.repository;
    const body = {
      metadata: { name },
      spec: { url: folder, revision: { branch: 'main' }, pollSeconds: 3_600, ...spec },
    };
    const { status, body: answer } = await this.hub.request.put(`/api/v1/sources/${name}`).send(body);
    if (status >= 300) throw new Error(`source ${name}: ${JSON.stringify(answer)}`);
  }

  /** Placed everywhere from a folder of its name, unless told. */
  async declare(name: string, spec: object = {}): Promise<void> {
    const body = { metadata: { name }, spec: { source: 'git', path: name, placement: { all: true }, ...spec } };
    const { status, body: answer } = await this.hub.request.put(`/api/v1/applications/${name}`).send(body);
    if (status >= 300) throw new Error(`application ${name}: ${JSON.stringify(answer)}`);
  }

  /** Commits, and has the hub look at once. */
  async push(files: Record<string, FileChange>, message = 'Change', hub = this.hub): Promise<string> {
    const commit = await this.repository.commit(files, message);
    await this.refresh(hub);
    return commit;
  }

  async refresh(hub = this.hub, source = 'git'): Promise<void> {
    await hub.request.post(`/api/v1/sources/${source}/refresh`).expect(202);
  }

  async get(url: string) {
    const { body } = await this.hub.request.get(`/api/v1/${url}`).expect(200);
    return body;
  }

  async application(name: string) {
    return (await this.get(`applications/${name}`)).status;
  }

  /** Columns are what the test says they are. */
  async rows(sql: string, parameters: unknown[] = []) {
    return await this.hub.database.query<ReturnType<typeof JSON.parse>>(sql, parameters);
  }

  /** Every source is read at `commit` (if told), every stage has nothing left to do. */
  async quiet(commit?: string): Promise<void> {
    await eventually(async () => {
      const [row] = await this.rows(
        `SELECT (SELECT count(*)::int FROM sources WHERE fetch_done < fetch_due OR commit_id <> coalesce($1, commit_id)) AS sources,
                (SELECT count(*)::int FROM applications WHERE evaluate_done < evaluate_due) AS evaluations,
                (SELECT count(*)::int FROM applications WHERE authorise_done < authorise_due) AS decisions,
                (SELECT count(*)::int FROM roots WHERE dirty) AS roots`,
        [commit ?? null],
      );
      expect(row).toEqual({ sources: 0, evaluations: 0, decisions: 0, roots: 0 });
    });
  }

  /** Quiet, and every target is what Git says. */
  async inSync(commit?: string): Promise<void> {
    await this.quiet(commit);
    await eventually(async () => {
      const { targets } = await this.get('status');
      expect(targets).toMatchObject({ inSync: targets.total, total: expect.any(Number) });
    });
  }

  /** Every agent holds the newest root and hold, and has nothing under way. */
  async agentsCaughtUp(): Promise<void> {
    await eventually(async () => {
      for (const { id, agent } of this.clusters.values()) {
        const [root] = await this.rows('SELECT epoch, generation FROM roots WHERE cluster_id = $1 AND generation > 0', [
          id,
        ]);
        const { root: held, targets } = agent.state();
        expect(held).toEqual(root);
        expect(targets.filter(({ phase }) => phase === 'applying' || phase === 'removing')).toEqual([]);
      }
    });
    await Promise.all([...this.clusters.values()].map(({ agent }) => agent.compareNow()));
  }

  /** Lines of all hubs at level warn or worse that match. */
  logged(pattern: RegExp): string[] {
    return [this.hub, ...this.otherHubs].flatMap((hub) => hub.logs).filter((line) => pattern.test(line));
  }

  /** Errors that a hub logged: there should be none. */
  errors(): string[] {
    return this.logged(/"level":(50|60|"error"|"fatal")/);
  }
}

export function configMap(name: string, data: Record<string, string> = {}, metadata: object = {}): string {
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data })}\n`;
}

export function configMapKey(name: string, namespace = 'default'): string {
  return `/ConfigMap/${namespace}/${name}`;
}

/** What applications have there: objects that bear our label, by `Kind/name`. */
export function managedObjects(kubernetes: MemoryKubernetes): Map<string, KubernetesObject> {
  const managed = kubernetes.objects().filter(({ metadata }) => isManaged(metadata));
  return new Map(managed.map((object) => [`${object.kind}/${object.metadata.name}`, object]));
}

function isManaged({ labels = {} }: KubernetesObject['metadata']): boolean {
  return Object.keys(labels).some((label) => label.startsWith('flotilla.dev/application'));
}

/** What is found in the cluster now, and a check that none of it goes and nothing is deleted. */
export function nothingGoes(clusters: Iterable<RingCluster>): () => void {
  const before = [...clusters].map(({ name, kubernetes, deletions }) => {
    deletions.length = 0;
    return { name, kubernetes, deletions, uids: uidsOf(kubernetes) };
  });
  return () => {
    for (const { kubernetes, deletions, uids } of before) {
      expect(deletions).toEqual([]);
      const now = uidsOf(kubernetes);
      for (const [key, uid] of uids) expect([key, now.get(key)]).toEqual([key, uid]);
    }
  };
}

function deletionsOf(kubernetes: MemoryKubernetes): string[] {
  const deletions: string[] = [];
  const original = kubernetes.delete.bind(kubernetes);
  const noted: MemoryKubernetes['delete'] = async (reference, options) => {
    if (reference.namespace !== agentNamespace) deletions.push(objectKey(reference));
    await original(reference, options);
  };
  Object.assign(kubernetes, { delete: noted });
  return deletions;
}

function uidsOf(kubernetes: MemoryKubernetes): Map<string, string> {
  return new Map([...managedObjects(kubernetes)].map(([key, { metadata }]) => [key, metadata.uid ?? '']));
}
