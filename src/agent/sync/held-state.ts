import { isDeepStrictEqual } from 'node:util';
import type { Digest } from '#libs/protocol/digest';
import { trustedSigningKeys } from '#libs/protocol/keys';
import { decodeNode } from '#libs/protocol/nodes';
import { judgeRoot, type Root, type RootVerdict } from '#libs/protocol/root';
import type { Signed } from '#libs/protocol/signed';
import type { Hold } from '#libs/protocol/sync';
import type { AgentState } from '../cluster/agent-state';
import type { Identity } from '../identity/identity';
import type { Logger } from '#src/log/logger';
import { messageOf } from '../errors';
import type { Session } from '../session/handshake';
import type { NodeCache } from './cache';
import { type DesiredState, desiredStateOf } from './desired';
import type { NodeStore } from './node-store';

const noHold: Hold = { version: -1, cluster: false, applications: [] };

export interface HeldStateOptions {
  identity: Identity;
  cache: NodeCache;
  nodes: NodeStore;
  state: AgentState;
  logger: Logger;
  now(): Date;
}

export type Taken =
  { ok: true; desired: DesiredState } | { ok: false; reason: 'superseded' | 'refused'; message: string };

/** The desired state and the hold that this agent is under, in memory and on disk. */
export class HeldState {
  desired: DesiredState | undefined;
  hold: Hold = noHold;
  private signed: Signed | undefined;

  constructor(private readonly options: HeldStateOptions) {}

  /** What a former run left on disk, as far as it can still be believed. Nodes that are missing leave their targets out. */
  async restore(): Promise<{ ok: true } | { ok: false; message: string }> {
    const { cache, identity, nodes } = this.options;
    const held = await cache.held();
    if (held.hold !== undefined) this.hold = held.hold;
    if (held.root === undefined || held.keys === undefined) return { ok: true };
    const trusted = trustedSigningKeys(held.keys, identity.rootKey);
    if (!trusted.ok) return { ok: false, message: trusted.message };
    const verdict = await this.judge(held.root, trusted.keys);
    if (verdict.kind === 'refused') return { ok: false, message: verdict.message };
    await this.restoreNodes(verdict.root);
    this.desired = desiredStateOf(verdict.root, nodes);
    this.signed = held.root;
    return { ok: true };
  }

  async judge(root: Signed, keys: ReadonlyMap<string, string>): Promise<RootVerdict> {
    const { identity, state, now } = this.options;
    const { highest } = await state.read();
    return judgeRoot(root, { hub: identity.hub, cluster: identity.cluster, keys, held: highest, now: now() });
  }

  /** A judged root whose nodes are all in the store: written down in the cluster, kept on disk, and from then on in force. */
  async take(root: Root, signed: Signed, session: Session, alsoKept: Iterable<Digest>): Promise<Taken> {
    const { state, nodes, cache } = this.options;
    const recorded = await state.recordRoot(session.number, root);
    if (!recorded.ok) {
      return { ok: false, reason: recorded.reason === 'older' ? 'refused' : 'superseded', message: recorded.message };
    }
    const desired = desiredStateOf(root, nodes, this.desired);
    const kept = new Set<string>([...digestsBelow(root, desired, nodes), ...alsoKept]);
    nodes.retain(kept);
    this.desired = desired;
    this.signed = signed;
    await this.persist('the desired state', async () => {
      await cache.save(nodes.entries());
      await cache.hold({ root: signed, keys: session.keySet, hold: this.hold });
      await cache.retain(kept);
    });
    return { ok: true, desired };
  }

  /** True when it is another than before. It is on disk before it is obeyed, so that no restart forgets a halt. */
  async obey(hold: Hold, session: Session): Promise<boolean> {
    // By all that it says: a hub that was put back to a backup may count to the same version again.
    if (isDeepStrictEqual(hold, this.hold)) return false;
    this.hold = hold;
    await this.persist('the hold', () => this.options.cache.hold({ root: this.signed, keys: session.keySet, hold }));
    return true;
  }

  private async restoreNodes(root: Root): Promise<void> {
    for (const digest of Object.values(root.scopes)) {
      const scope = await this.restoreNode('scope', digest);
      for (const entry of Object.values(scope?.applications ?? {})) {
        if (entry.approvedDeletions !== undefined) await this.restoreNode('deletions', entry.approvedDeletions);
        const bundle = entry.bundle === null ? undefined : await this.restoreNode('bundle', entry.bundle);
        for (const object of bundle?.objects ?? []) await this.restoreNode('object', object);
      }
    }
  }

  async restoreNode<K extends 'scope' | 'bundle' | 'object' | 'deletions'>(kind: K, digest: Digest) {
    const { cache, nodes } = this.options;
    const present = nodes.get(kind, digest);
    if (present !== undefined) return present;
    const value = await cache.node(digest);
    if (value === undefined) return undefined;
    const decoded = decodeNode(kind, digest, value);
    if (!decoded.ok) return undefined;
    nodes.put(digest, decoded.node);
    return decoded.node;
  }

  /** A full disk must not stop a release; it costs only what a restart without the hub would need. */
  private async persist(what: string, write: () => Promise<void>): Promise<void> {
    await write().catch((error: unknown) => {
      this.options.logger.warn({ error: messageOf(error) }, `${what} cannot be kept on disk`);
    });
  }
}

function digestsBelow(root: Root, desired: DesiredState, nodes: NodeStore): Set<string> {
  const digests = new Set<string>(Object.values(root.scopes));
  for (const digest of Object.values(root.scopes)) {
    for (const entry of Object.values(nodes.scope(digest)?.applications ?? {})) {
      if (entry.approvedDeletions !== undefined) digests.add(entry.approvedDeletions);
      if (entry.bundle !== null) digests.add(entry.bundle);
    }
  }
  for (const target of desired.targets.values()) {
    for (const object of target.bundle?.objects ?? []) digests.add(object.digest);
  }
  return digests;
}
