import { apiVersionOf } from '#libs/kubernetes/object';
import { KubernetesError, type KindReference, type ServedResource } from '../port';
import type { Transport } from './transport';

interface ResourceList {
  resources?: { name: string; kind: string; namespaced: boolean; verbs?: string[] }[];
}

interface GroupVersion {
  /** By kind. */
  resources: Map<string, ServedResource>;
  askedAtMs: number;
}

const askAgainAfterMs = 1000;

/** How kinds are served, kept by group and version; a miss asks again, at most once a second. */
export class Discovery {
  private readonly known = new Map<string, GroupVersion>();
  private readonly asking = new Map<string, Promise<GroupVersion>>();

  constructor(
    private readonly transport: Transport,
    private readonly nowMs: () => number,
  ) {}

  async find(kind: KindReference): Promise<ServedResource | undefined> {
    const groupVersion = apiVersionOf(kind);
    const known = this.known.get(groupVersion);
    const found = known?.resources.get(kind.kind);
    if (found) return found;
    if (known && this.nowMs() - known.askedAtMs < askAgainAfterMs) return undefined;
    return (await this.ask(kind)).resources.get(kind.kind);
  }

  async need(kind: KindReference): Promise<ServedResource> {
    const found = await this.find(kind);
    if (found) return found;
    throw new KubernetesError('notFound', `the server does not serve kind ${kind.kind} of ${apiVersionOf(kind)}`, {
      status: 404,
    });
  }

  /** What was known may be no more: the server did not know the path. */
  forget(kind: KindReference): void {
    const groupVersion = apiVersionOf(kind);
    const known = this.known.get(groupVersion);
    if (known && this.nowMs() - known.askedAtMs >= askAgainAfterMs) this.known.delete(groupVersion);
  }

  private ask(kind: KindReference): Promise<GroupVersion> {
    const groupVersion = apiVersionOf(kind);
    const running = this.asking.get(groupVersion);
    if (running) return running;
    const asking = this.read(kind).finally(() => this.asking.delete(groupVersion));
    this.asking.set(groupVersion, asking);
    return asking;
  }

  private async read(kind: KindReference): Promise<GroupVersion> {
    const version = encodeURIComponent(kind.version);
    const path = kind.group === '' ? `/api/${version}` : `/apis/${encodeURIComponent(kind.group)}/${version}`;
    const answer: ResourceList = await this.transport
      .send<ResourceList>({ method: 'GET', path })
      .catch((error: unknown) => {
        if (error instanceof KubernetesError && error.errorClass === 'notFound') return {};
        throw error;
      });
    const resources = new Map<string, ServedResource>();
    for (const { name, kind: served, namespaced, verbs } of answer.resources ?? []) {
      // `pods/status` and other subresources have the kind of what they belong to.
      if (!name.includes('/')) resources.set(served, { resource: name, namespaced, verbs: verbs ?? [] });
    }
    const groupVersion = { resources, askedAtMs: this.nowMs() };
    this.known.set(apiVersionOf(kind), groupVersion);
    return groupVersion;
  }
}
