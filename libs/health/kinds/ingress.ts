import type { KubernetesObject } from '#libs/kubernetes/object';
import { listAt } from '../fields';
import { healthy, type Health } from '../health';

/** Controllers need not publish an address, and many do not: its absence says nothing. */
export function ingressHealth(object: KubernetesObject): Health {
  const addresses = listAt(object, 'status', 'loadBalancer', 'ingress').length;
  return healthy(
    addresses > 0 ? 'its load balancer has an address' : 'it is there; no controller has given it an address',
  );
}
