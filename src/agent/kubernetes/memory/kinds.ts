import { type BuiltinKind, builtinKinds } from '#libs/kubernetes/ssa/builtin/builtin-kinds';
import type { KindReference } from '../port';

/** A kind that a cluster serves: a built-in one, shared by all clusters, or one of its custom resources. */
export interface ServedKind extends BuiltinKind {
  /** The definition that made it, by name; absent for built-in kinds. */
  definition?: string;
  /** All versions; objects of one are objects of all. */
  versions?: string[];
}

const builtins: ReadonlyMap<string, ServedKind> = new Map(builtinKinds.map((kind) => [keyOf(kind), kind]));

/** Which kinds one cluster serves. */
export class KindRegistry {
  private readonly custom = new Map<string, ServedKind>();

  find(kind: KindReference): ServedKind | undefined {
    return builtins.get(keyOf(kind)) ?? this.custom.get(keyOf(kind));
  }

  /** Where the objects of the kind are kept: the same place for each version. */
  static storeKey(kind: Pick<KindReference, 'group' | 'kind'>): string {
    return `${kind.group}/${kind.kind}`;
  }

  serve(kinds: ServedKind[]): void {
    for (const kind of kinds) this.custom.set(keyOf(kind), kind);
  }

  /** Takes back what a definition made; the answer is what it was. */
  withdraw(definition: string): ServedKind[] {
    const kinds = [...this.custom.values()].filter((kind) => kind.definition === definition);
    for (const kind of kinds) this.custom.delete(keyOf(kind));
    return kinds;
  }

  customKinds(): ServedKind[] {
    return [...this.custom.values()];
  }
}

/** Built-in kinds whose objects count their generations; custom resources all do. */
const withGeneration = new Set(
  `IngressClass,NetworkPolicy,Ingress,EndpointSlice,PodDisruptionBudget,DaemonSet,StatefulSet,Deployment,
  ReplicaSet,Job,CronJob,Pod,PodTemplate,ReplicationController,ValidatingAdmissionPolicy,MutatingAdmissionPolicy,PriorityClass,
  MutatingWebhookConfiguration,ValidatingWebhookConfiguration,MutatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicyBinding,CustomResourceDefinition`.split(/[\s,]+/),
);

export function hasGeneration(kind: ServedKind): boolean {
  return kind.definition !== undefined || withGeneration.has(kind.kind);
}

/** Kinds whose PUT must carry a resource version. */
const casOnly = new Set(
  `RuntimeClass,PodDisruptionBudget,CSIDriver,CSIStorageCapacity,VolumeAttachment,CSINode,Lease,CustomResourceDefinition,
  ValidatingAdmissionPolicy,MutatingAdmissionPolicy,MutatingWebhookConfiguration,ValidatingWebhookConfiguration,
  MutatingAdmissionPolicyBinding,ValidatingAdmissionPolicyBinding`.split(/[\s,]+/),
);

export function needsResourceVersion(kind: ServedKind): boolean {
  return kind.definition !== undefined || casOnly.has(kind.kind);
}

function keyOf(kind: KindReference): string {
  return `${kind.group}/${kind.version}/${kind.kind}`;
}
