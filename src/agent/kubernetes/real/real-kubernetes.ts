import type { LookupFunction } from 'node:net';
import type { KubernetesApi } from '../port';
import { ClusterAccess, inClusterSource, kubeconfigSource } from './access';
import { chooseEntries, type KubeconfigOptions } from './kubeconfig';
import { RealApi } from './real-api';
import { Transport, type TransportLimits } from './transport';

export type RealKubernetesOptions = (KubeconfigOptions | { inCluster: true }) &
  Partial<TransportLimits> & {
    /** In the place of the system's resolver; it may refuse an address. */
    lookup?: LookupFunction;
  };

const defaultLimits: TransportLimits = {
  timeoutMs: 15_000,
  maxRequestSizeBytes: 3 * 1024 * 1024,
  maxResponseSizeBytes: 64 * 1024 * 1024,
};

/**
 * A real API server, by a kubeconfig or as the pod's service account. Connects when it is first asked; keeps its
 * connections until `close`. Throws `invalid` for a kubeconfig that does not fit or asks for what is not allowed.
 */
export function realKubernetes(options: RealKubernetesOptions): KubernetesApi {
  return new RealApi(openTransport(options));
}

/** Plain requests to an API server, for what the port does not have; on the same terms. */
export function openTransport(options: RealKubernetesOptions): Transport {
  const source = 'inCluster' in options ? inClusterSource() : kubeconfigSource(chooseEntries(options), options.folder);
  const { timeoutMs, maxRequestSizeBytes, maxResponseSizeBytes } = { ...defaultLimits, ...definedOf(options) };
  const { lookup } = options;
  const access = new ClusterAccess(lookup === undefined ? source : { ...source, lookup });
  return new Transport(access, { timeoutMs, maxRequestSizeBytes, maxResponseSizeBytes });
}

function definedOf(options: Partial<TransportLimits>): Partial<TransportLimits> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
