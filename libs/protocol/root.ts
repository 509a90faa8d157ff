import { z } from 'zod';
import { type Digest, digestSchema } from './digest';
import { openSigned, type Signed } from './signed';

/** What a cluster should hold, as its hub signs it. Times are ISO 8601 in UTC. */
export const rootSchema = z.object({
  format: z.literal(1),
  /** Id of the hub. */
  hub: z.uuid(),
  /** Id of the cluster that it is for. */
  audience: z.uuid(),
  epoch: z.number().int().min(1),
  generation: z.number().int().min(1),
  issuedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  /** Scope name → digest of its node. */
  scopes: z.record(z.string(), digestSchema),
});
export type Root = z.infer<typeof rootSchema>;

export interface Version {
  epoch: number;
  generation: number;
}

/** Positive when `a` is the newer one. */
export function compareVersions(a: Version, b: Version): number {
  return a.epoch - b.epoch || a.generation - b.generation;
}

export type RootVerdict =
  | { kind: 'accepted'; root: Root; newer: boolean }
  | {
      kind: 'refused';
      reason: 'signature' | 'format' | 'hub' | 'audience' | 'expired' | 'older' | 'forked';
      message: string;
    };

export interface RootExpectation {
  hub: string;
  cluster: string;
  /** Trusted signing keys by key id. */
  keys: ReadonlyMap<string, string>;
  /** The highest version that was ever accepted here, with what it said. */
  held?: Version & { scopes: Record<string, Digest> };
  now: Date;
}

/**
 * Whether an agent may act on a root: signed by its hub, for its cluster, not expired, and not older than what it holds
 * (safety rules 5 and 7). The same version with another content is refused: no honest hub signs that.
 */
export function judgeRoot(signed: Signed, expectation: RootExpectation): RootVerdict {
  const refused = (reason: Extract<RootVerdict, { kind: 'refused' }>['reason'], message: string): RootVerdict => ({
    kind: 'refused',
    reason,
    message,
  });
  const key = expectation.keys.get(signed.keyId);
  if (key === undefined)
    return refused(
      'signature',
      `the root is signed by key ${signed.keyId}, which the hub's root key does not vouch for`,
    );
  const opened = openSigned('flotilla.dev/root/v1', signed, key, rootSchema);
  if (!opened.ok) return refused(opened.message.includes('malformed') ? 'format' : 'signature', opened.message);
  const root = opened.value;
  if (root.hub !== expectation.hub) return refused('hub', `the root is of hub ${root.hub}, not of ${expectation.hub}`);
  if (root.audience !== expectation.cluster) return refused('audience', `the root is for cluster ${root.audience}`);
  if (Date.parse(root.expiresAt) <= expectation.now.getTime()) {
    return refused('expired', `the root expired at ${root.expiresAt}; compare the clocks of hub and cluster`);
  }
  const { held } = expectation;
  if (held === undefined) return { kind: 'accepted', root, newer: true };
  const order = compareVersions(root, held);
  if (order < 0) {
    return refused(
      'older',
      `the root is ${root.epoch}/${root.generation}, older than ${held.epoch}/${held.generation} that is held`,
    );
  }
  if (order === 0 && !sameScopes(root.scopes, held.scopes)) {
    return refused(
      'forked',
      `root ${root.epoch}/${root.generation} differs from the one of the same version that is held`,
    );
  }
  return { kind: 'accepted', root, newer: order > 0 };
}

function sameScopes(a: Record<string, Digest>, b: Record<string, Digest>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
