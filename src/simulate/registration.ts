import { keyIdOf, publicKeyText } from '#libs/protocol/keys';
import { createPrivateKey } from 'node:crypto';
import { expectOk, type HubApi } from './api';
import { clusterDocument, type SimulatedCluster, simulatedLabel } from './clusters';
import type { KeptCluster } from './identity';

/** What the hub takes in one request. */
export const batchSize = 500;

interface BatchItem {
  id: string;
  name: string;
  lifecycle: 'registered' | 'joined' | 'deregistering' | 'revoked';
  agentKeyId?: string;
  join?: { joinToken: string };
}

/** How the agent of a registered cluster comes in: with the identity that it has, or by joining. */
export type Admission =
  | { cluster: SimulatedCluster; kept: KeptCluster }
  | { cluster: SimulatedCluster; joinToken: string }
  | { cluster: SimulatedCluster; refusal: string };

/**
 * Registers what is missing, and gets new join tokens where the hub knows a cluster but its agent's identity is lost.
 * @param clusters at most `batchSize`. @param keptOf the identity that is left of an earlier run
 */
export async function admit(
  api: HubApi,
  clusters: readonly SimulatedCluster[],
  keptOf: (name: string) => KeptCluster | undefined,
): Promise<Admission[]> {
  const items = byName(
    await api.post('/batch/clusters/register', { clusters: clusters.map(clusterDocument) }),
    'clusters cannot be registered',
  );
  const isLost = ({ name }: SimulatedCluster): boolean => {
    const item = items.get(name);
    if (item === undefined || item.join !== undefined || refusalOf(item) !== undefined) return false;
    return !isStillGood(item, keptOf(name));
  };
  const lost = clusters.filter(isLost).map(({ name }) => name);
  const renewed =
    lost.length === 0
      ? new Map<string, BatchItem>()
      : byName(await api.post('/batch/clusters/join-tokens', { names: lost }), 'join tokens cannot be made');
  return clusters.map((cluster): Admission => {
    const item = items.get(cluster.name);
    const refusal = item === undefined ? 'the hub did not register it' : refusalOf(item);
    if (refusal !== undefined) return { cluster, refusal };
    const joinToken = item?.join?.joinToken ?? renewed.get(cluster.name)?.join?.joinToken;
    if (joinToken !== undefined) return { cluster, joinToken };
    return { cluster, kept: keptOf(cluster.name)! };
  });
}

/** Deregisters simulated clusters with this prefix, and no others; what is deregistered is told as it goes. */
export async function deregisterSimulated(
  api: HubApi,
  prefix: string,
  onProgress: (deregistered: number) => void,
): Promise<number> {
  let count = 0;
  for (let cursor: string | undefined; ;) {
    const query = new URLSearchParams({
      namePrefix: `${prefix}-`,
      labelSelector: `${simulatedLabel}=true`,
      limit: '100',
    });
    if (cursor !== undefined) query.set('cursor', cursor);
    const page = expectOk<{ items: { metadata: { name: string } }[]; nextCursor?: string }>(
      'clusters cannot be listed',
      await api.get(`/clusters?${query.toString()}`),
    );
    const names = page.items
      .map(({ metadata }) => metadata.name)
      .filter((name) => /^\d+$/.test(name.slice(prefix.length + 1)));
    if (names.length > 0) {
      const { items } = expectOk<{ items: unknown[] }>(
        'clusters cannot be deregistered',
        await api.post('/batch/clusters/deregister', { names }),
      );
      count += items.length;
      onProgress(count);
    }
    if (page.nextCursor === undefined) return count;
    cursor = page.nextCursor;
  }
}

function byName(answer: Parameters<typeof expectOk>[1], what: string): Map<string, BatchItem> {
  const { items } = expectOk<{ items: BatchItem[] }>(what, answer);
  return new Map(items.map((item) => [item.name, item]));
}

function refusalOf({ lifecycle }: BatchItem): string | undefined {
  if (lifecycle === 'revoked') return 'its agent was revoked';
  if (lifecycle === 'deregistering') return 'it is being deregistered';
  return undefined;
}

/** The hub knows the key that is kept, and as that of this cluster. */
function isStillGood({ id, agentKeyId }: BatchItem, kept: KeptCluster | undefined): boolean {
  if (kept === undefined || kept.identity.cluster !== id) return false;
  return keyIdOf(publicKeyText(createPrivateKey(kept.identity.privateKey))) === agentKeyId;
}
