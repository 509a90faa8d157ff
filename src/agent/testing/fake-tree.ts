import type { KubernetesObject } from '#libs/kubernetes/object';
import { applicationLabel } from '#libs/kubernetes/our-metadata';
import type { Digest } from '#libs/protocol/digest';
import { encodeNode, type Node, type ScopeEntry, type SyncPolicy } from '#libs/protocol/nodes';

export interface FakeApplication {
  objects?: KubernetesObject[];
  /** Objects whose values are secret: their nodes carry a salt. */
  sensitive?: KubernetesObject[];
  policy?: Partial<SyncPolicy>;
  removal?: ScopeEntry['removal'];
  approved?: string[];
}

/** Applications by id, of the cluster's own scope. */
export type FakeScopes = Record<string, FakeApplication>;

export const fakePolicy: SyncPolicy = {
  prune: true,
  pruneLimits: { maxObjects: 10, maxPercent: 100 },
  drift: 'reapply',
  conflicts: 'fail',
};

/** An application's name, which is also the value of its label. */
export function fakeName(id: string): string {
  return `application-${id.slice(-4)}`;
}

/** Builds nodes as the hub does, and keeps all that were ever built. */
export class FakeTree {
  private readonly nodes = new Map<Digest, Node>();
  private readonly applications = new Map<Digest, string>();
  private current: Record<string, ScopeEntry> = {};

  build(applications: FakeScopes, serviceAccount: string | null = null): Record<string, Digest> {
    this.current = {};
    for (const [id, application] of Object.entries(applications)) this.current[id] = this.entry(id, application);
    const cluster = this.put({
      format: 1,
      kind: 'scope',
      name: 'cluster',
      serviceAccount,
      applications: this.current,
    });
    return { cluster };
  }

  node(digest: Digest): Node {
    return this.nodes.get(digest)!;
  }

  bundleOf(application: string): Digest | null | undefined {
    return this.current[application]?.bundle;
  }

  applicationOf(bundle: Digest): string | undefined {
    return this.applications.get(bundle);
  }

  below(scopes: readonly Digest[]): Set<Digest> {
    const found = new Set<Digest>();
    for (const digest of scopes) {
      const scope = this.nodes.get(digest);
      if (scope?.kind !== 'scope') continue;
      found.add(digest);
      for (const entry of Object.values(scope.applications)) {
        if (entry.approvedDeletions !== undefined) found.add(entry.approvedDeletions);
        if (entry.bundle === null) continue;
        found.add(entry.bundle);
        const bundle = this.node(entry.bundle);
        if (bundle.kind === 'bundle') for (const object of bundle.objects) found.add(object);
      }
    }
    return found;
  }

  private entry(id: string, application: FakeApplication): ScopeEntry {
    const approvedDeletions =
      application.approved === undefined
        ? undefined
        : this.put({ format: 1, kind: 'deletions', objects: [...application.approved].sort() });
    if (application.removal !== undefined) {
      return { name: fakeName(id), bundle: null, removal: application.removal, approvedDeletions };
    }
    const plain = (application.objects ?? []).map((object) => this.putObject(id, object));
    const secret = (application.sensitive ?? []).map((object) => this.putObject(id, object, 'c2FsdA'));
    const policy = { ...fakePolicy, ...application.policy };
    const bundle = this.put({ format: 1, kind: 'bundle', policy, objects: [...plain, ...secret] });
    this.applications.set(bundle, id);
    return { name: fakeName(id), bundle, approvedDeletions };
  }

  private putObject(id: string, object: KubernetesObject, salt?: string): Digest {
    const labels = { ...object.metadata.labels, [applicationLabel]: fakeName(id) };
    return this.put({
      format: 1,
      kind: 'object',
      object: { ...object, metadata: { ...object.metadata, labels } },
      ...(salt === undefined ? {} : { salt }),
    });
  }

  private put(node: Node): Digest {
    const { digest } = encodeNode(node);
    this.nodes.set(digest, node);
    return digest;
  }
}
