import type { KubernetesObject } from '#libs/kubernetes/object';
import { listAt, textAt } from '../fields';
import { healthy, progressing, type Health } from '../health';

export function serviceHealth(object: KubernetesObject): Health {
  if (textAt(object, 'spec', 'type') !== 'LoadBalancer') return healthy('it is ready');
  if (textAt(object, 'spec', 'clusterIP') === undefined) {
    return progressing('NoIPAssigned', 'it has no cluster IP yet');
  }
  // As kstatus has it, an address from outside is not waited for: many clusters have nothing that gives one.
  const addresses = listAt(object, 'status', 'loadBalancer', 'ingress').length;
  return healthy(
    addresses > 0 ? 'its load balancer has an address' : 'it is ready; its load balancer has no address yet',
  );
}
