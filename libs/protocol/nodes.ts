import { z } from 'zod';
import type { KubernetesObject } from '#libs/kubernetes/object';
import { canonicalJson } from './canonical';
import { type Digest, digestOfText, digestSchema } from './digest';

/**
 * The nodes of the tree of digests below a root: `scope` → `bundle` → `object`. A node is stored once under the SHA-256 of
 * its canonical bytes, never changes, and says its own kind, so bytes of one kind never pass for another.
 */

/** What an agent may do beyond applying; part of the bundle, so it is signed with it. */
export const syncPolicySchema = z.object({
  /** Objects that have left the bundle are deleted, within `pruneLimits`; otherwise they are left and reported. */
  prune: z.boolean(),
  pruneLimits: z.object({ maxObjects: z.number().int().min(0), maxPercent: z.number().int().min(0).max(100) }),
  /** `reapply`: what has drifted is put back at each full comparison; `report`: it is only told. */
  drift: z.enum(['reapply', 'report']),
  /** Fields that another manager holds at the first apply: take them, or fail and name the manager. */
  conflicts: z.enum(['force', 'fail']),
});
export type SyncPolicy = z.infer<typeof syncPolicySchema>;

export const objectNodeSchema = z.object({
  format: z.literal(1),
  kind: z.literal('object'),
  object: z.custom<KubernetesObject>((value) => typeof value === 'object' && value !== null),
  /** Only with sensitive objects: makes the digest of a guessable secret unguessable. */
  salt: z.string().optional(),
});
export type ObjectNode = z.infer<typeof objectNodeSchema>;

export const bundleNodeSchema = z.object({
  format: z.literal(1),
  kind: z.literal('bundle'),
  policy: syncPolicySchema,
  /** Digests of object nodes in apply order. */
  objects: z.array(digestSchema).max(10_000),
});
export type BundleNode = z.infer<typeof bundleNodeSchema>;

/** An application on a cluster. Deletion is always said, never inferred from an entry that is not there. */
export const scopeEntrySchema = z.object({
  name: z.string(),
  bundle: digestSchema.nullable(),
  /** With `bundle: null`: delete the application's objects, or leave them and forget them. */
  removal: z.enum(['delete', 'orphan']).optional(),
  /** Node of kind `deletions`: what a person has approved to be deleted beyond the limits. */
  approvedDeletions: digestSchema.optional(),
});
export type ScopeEntry = z.infer<typeof scopeEntrySchema>;

export const scopeNodeSchema = z.object({
  format: z.literal(1),
  kind: z.literal('scope'),
  /** `cluster`, or a tenant's name. */
  name: z.string(),
  /** `namespace/name` of the service account that it is applied as; null: as the agent itself. */
  serviceAccount: z.string().nullable(),
  /** By application id. */
  applications: z.record(z.string(), scopeEntrySchema),
});
export type ScopeNode = z.infer<typeof scopeNodeSchema>;

/** A named set of deletions that a person approved: keys as of `objectKey`, sorted. */
export const deletionsNodeSchema = z.object({
  format: z.literal(1),
  kind: z.literal('deletions'),
  objects: z.array(z.string()).max(10_000),
});
export type DeletionsNode = z.infer<typeof deletionsNodeSchema>;

export const nodeSchema = z.discriminatedUnion('kind', [
  objectNodeSchema,
  bundleNodeSchema,
  scopeNodeSchema,
  deletionsNodeSchema,
]);
export type Node = z.infer<typeof nodeSchema>;

export interface EncodedNode {
  digest: Digest;
  kind: Node['kind'];
  /** Canonical JSON. */
  text: string;
}

export function encodeNode(node: Node): EncodedNode {
  const text = canonicalJson(node);
  return { digest: digestOfText(text), kind: node.kind, text };
}

export type DecodedNode<K extends Node['kind']> =
  { ok: true; node: Extract<Node, { kind: K }> } | { ok: false; message: string };

/** Takes a value for the node of this digest and kind only when it hashes to it. */
export function decodeNode<K extends Node['kind']>(kind: K, digest: Digest, value: unknown): DecodedNode<K> {
  if (digestOfText(canonicalJson(value)) !== digest) {
    return { ok: false, message: `the ${kind} node does not hash to its digest ${digest}` };
  }
  const parsed = nodeSchema.safeParse(value);
  if (!parsed.success || parsed.data.kind !== kind) {
    return { ok: false, message: `node ${digest} is not a ${kind} that this version understands` };
  }
  return { ok: true, node: parsed.data as Extract<Node, { kind: K }> };
}
