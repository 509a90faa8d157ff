import { z } from 'zod';
import { type Digest, digestSchema } from './digest';
import { type BundleNode, syncPolicySchema } from './nodes';

/** A bundle as its difference from another that the reader holds; the reader rebuilds it and recomputes its digest. */
export const bundleDeltaSchema = z.object({
  digest: digestSchema,
  base: digestSchema,
  policy: syncPolicySchema.optional(),
  /** `[index in the base, how many leave, digests that come]`, by rising index. */
  splices: z.array(z.tuple([z.number().int().min(0), z.number().int().min(0), z.array(digestSchema)])),
});
export type BundleDelta = z.infer<typeof bundleDeltaSchema>;

type Splice = BundleDelta['splices'][number];

/** One pass with a look ahead by digest: linear, and exact for what releases do: replace, add and remove a few objects. */
function splicesBetween(from: Digest[], to: Digest[]): Splice[] {
  const positions = new Map(from.map((digest, index) => [digest, index]));
  const splices: Splice[] = [];
  let index = 0;
  let coming: Digest[] = [];
  const flush = (until: number): void => {
    if (until > index || coming.length > 0) splices.push([index, until - index, coming]);
    coming = [];
    index = until;
  };
  for (const digest of to) {
    const position = positions.get(digest);
    if (position === undefined || position < index) coming.push(digest);
    else {
      flush(position);
      index = position + 1;
    }
  }
  flush(from.length);
  return splices;
}

export function bundleDelta(
  base: { digest: Digest; node: BundleNode },
  target: { digest: Digest; node: BundleNode },
): BundleDelta {
  const samePolicy = JSON.stringify(base.node.policy) === JSON.stringify(target.node.policy);
  return {
    digest: target.digest,
    base: base.digest,
    ...(samePolicy ? {} : { policy: target.node.policy }),
    splices: splicesBetween(base.node.objects, target.node.objects),
  };
}

/** The bundle that the delta stands for. It proves nothing: the caller checks the digest of what comes out. */
export function applyBundleDelta(base: BundleNode, delta: BundleDelta): BundleNode {
  const objects: Digest[] = [];
  let index = 0;
  for (const [start, leaving, coming] of delta.splices) {
    objects.push(...base.objects.slice(index, start), ...coming);
    index = start + leaving;
  }
  objects.push(...base.objects.slice(index));
  return { ...base, policy: delta.policy ?? base.policy, objects };
}
