import { applyPhases } from '#libs/apply/order';
import { canonicalJson } from '#libs/protocol/canonical';
import { type Digest, digestOfText } from '#libs/protocol/digest';
import { encodeNode, type SyncPolicy } from '#libs/protocol/nodes';
import { type KubernetesObject, objectKey, referenceOf } from '#libs/kubernetes/object';
import { describeProblem } from '#libs/rendering/problems';
import type { RenderedApplication } from '#libs/rendering/render';
import type { NewNode } from '#src/hub/nodes/nodes.service';

export interface PlacedCluster {
  id: string;
  name: string;
  region: string;
  labels: Record<string, string>;
  /** Why it is a target. */
  reason: string;
}

export interface AssembledTarget {
  cluster: string;
  reason: string;
  valuesDigest: Digest | null;
  bundle: Digest | null;
  problem: string | null;
}

export interface AssembledBundle {
  digest: Digest;
  objectKeys: string[];
}

export interface Assembly {
  targets: AssembledTarget[];
  /** By the digest of the values that they were rendered with. */
  variants: Map<Digest, Digest>;
  bundles: Map<Digest, AssembledBundle>;
  nodes: NewNode[];
}

type Variant = { bundle: Digest; problem: null } | { bundle: null; problem: string };

/**
 * One variant for each distinct set of values, one node for each distinct object: pure.
 * @param saltOf what makes the digest of a sensitive object unguessable; the same text has the same salt
 */
export function assemble(
  application: RenderedApplication,
  policy: SyncPolicy,
  clusters: readonly PlacedCluster[],
  saltOf: (canonicalObject: string) => string,
): Assembly {
  const assembly: Assembly = { targets: [], variants: new Map(), bundles: new Map(), nodes: [] };
  const byValues = new Map<Digest, Variant>();
  const encode = objectEncoder(assembly.nodes, saltOf);
  for (const cluster of clusters) {
    const values = application.valuesFor(cluster);
    if (!values.ok) {
      assembly.targets.push(failed(cluster, values.errors.map(describeProblem).join('; ')));
      continue;
    }
    const valuesDigest = digestOfText(values.values.key);
    let variant = byValues.get(valuesDigest);
    if (variant === undefined) {
      const rendering = application.forTarget(values.values);
      variant = rendering.ok
        ? bundle(rendering.objects, policy, assembly, encode)
        : { bundle: null, problem: rendering.errors.map(describeProblem).join('; ') };
      byValues.set(valuesDigest, variant);
    }
    if (variant.bundle !== null) assembly.variants.set(valuesDigest, variant.bundle);
    assembly.targets.push({ cluster: cluster.id, reason: cluster.reason, valuesDigest, ...variant });
  }
  return assembly;
}

function failed(cluster: PlacedCluster, problem: string): AssembledTarget {
  return { cluster: cluster.id, reason: cluster.reason, valuesDigest: null, bundle: null, problem };
}

function bundle(
  objects: KubernetesObject[],
  policy: SyncPolicy,
  assembly: Assembly,
  encode: (object: KubernetesObject) => Digest,
): Variant {
  const ordered = applyPhases(objects);
  if (!ordered.ok) return { bundle: null, problem: ordered.errors.map(({ message }) => message).join('; ') };
  const inOrder = ordered.phases.flatMap((phase) => phase.objects);
  const node = encodeNode({ format: 1, kind: 'bundle', policy, objects: inOrder.map(encode) });
  if (!assembly.bundles.has(node.digest)) {
    assembly.nodes.push(node);
    const objectKeys = inOrder.map((object) => objectKey(referenceOf(object))).sort();
    assembly.bundles.set(node.digest, { digest: node.digest, objectKeys });
  }
  return { bundle: node.digest, problem: null };
}

/** Objects that no parameter changes are the same value for all targets: encode each value once. */
function objectEncoder(nodes: NewNode[], saltOf: (text: string) => string): (object: KubernetesObject) => Digest {
  const known = new WeakMap<KubernetesObject, Digest>();
  return (object) => {
    const before = known.get(object);
    if (before !== undefined) return before;
    const sensitive = isSensitive(object);
    const salt = sensitive ? { salt: saltOf(canonicalJson(object)) } : {};
    const node = encodeNode({ format: 1, kind: 'object', object, ...salt });
    nodes.push({ ...node, sensitive });
    known.set(object, node.digest);
    return node.digest;
  };
}

function isSensitive(object: KubernetesObject): boolean {
  return object.kind === 'Secret' && object.apiVersion === 'v1';
}
