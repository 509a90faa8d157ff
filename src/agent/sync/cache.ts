import { z } from 'zod';
import type { Digest } from '#libs/protocol/digest';
import { keySetSchema } from '#libs/protocol/keys';
import { encodeNode, type Node } from '#libs/protocol/nodes';
import { signedSchema } from '#libs/protocol/signed';
import { holdSchema } from '#libs/protocol/sync';

/** The root as it was signed, the keys to verify it by, and the hold that was heard last. All of it is verified again when it is read. */
const heldSchema = z.object({
  root: signedSchema.optional(),
  keys: keySetSchema.optional(),
  hold: holdSchema.optional(),
});
export type Held = z.infer<typeof heldSchema>;

/**
 * What an agent keeps to work without its hub after a restart. Reading gives nothing rather than an error, since the hub
 * has it all; a failed write is an error.
 */
export interface NodeCache {
  held(): Promise<Held>;
  hold(held: Held): Promise<void>;
  node(digest: Digest): Promise<unknown>;
  save(nodes: Iterable<[Digest, Node]>): Promise<void>;
  /** Deletes all other nodes. */
  retain(digests: ReadonlySet<string>): Promise<void>;
}

/** Without a folder, a restarted agent waits for its hub. */
export const noCache: NodeCache = {
  held: async () => ({}),
  hold: async () => undefined,
  node: async () => undefined,
  save: async () => undefined,
  retain: async () => undefined,
};

/** Sensitive objects carry a salt; they are never written to a disk. */
export function isSensitive(node: Node): boolean {
  return node.kind === 'object' && node.salt !== undefined;
}

export function cacheText(node: Node): string {
  return encodeNode(node).text;
}

export function parseHeld(text: string): Held {
  try {
    return heldSchema.parse(JSON.parse(text));
  } catch {
    return {};
  }
}
