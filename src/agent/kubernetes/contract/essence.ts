import type { KubernetesObject } from '#libs/kubernetes/object';
import { fromFieldsV1, toFieldsV1 } from '#libs/kubernetes/ssa/path-set';
import { cloneJson, isMap } from '#libs/kubernetes/ssa/value';

/** Fields that a real server adds on its own, and the in-memory one does not or with other values. */
const serverFields = new Set(
  `progressDeadlineSeconds revisionHistoryLimit strategy dnsPolicy restartPolicy schedulerName securityContext
  terminationGracePeriodSeconds terminationMessagePath terminationMessagePolicy imagePullPolicy clusterIP clusterIPs
  internalTrafficPolicy ipFamilies ipFamilyPolicy sessionAffinity deployment.kubernetes.io/revision`.split(/\s+/),
);

/** What two servers must agree on: everything but identity, times, status and what a server adds on its own. */
export function essenceOf(object: KubernetesObject): unknown {
  const copy = cloneJson(object);
  const {
    managedFields,
    generation,
    uid: _uid,
    creationTimestamp: _time,
    resourceVersion: _version,
    ...metadata
  } = copy.metadata;
  delete copy['status'];
  const owners = (managedFields ?? [])
    .filter((entry) => entry.manager !== 'kube-controller-manager')
    .map(({ time: _at, fieldsV1, ...entry }) => ({ ...entry, fieldsV1: fieldsOf(fieldsV1) }))
    .filter(({ fieldsV1 }) => Object.keys(fieldsV1).length > 0)
    .sort((left, right) => (`${left.manager} ${left.operation}` < `${right.manager} ${right.operation}` ? -1 : 1));
  // The controller's annotation counts as a change of a Deployment, and comes when it comes.
  const counted = object.kind === 'Deployment' ? {} : { generation };
  return withoutServerFields({ ...copy, metadata: { ...metadata, ...counted, owners } });
}

/** The fields in one form: `.` and order say nothing where nothing was left out. */
function fieldsOf(fields: unknown): object {
  return toFieldsV1(fromFieldsV1(withoutServerFields(fields) as never));
}

function withoutServerFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutServerFields);
  if (!isMap(value)) return value;
  const kept: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const name = key.startsWith('f:') ? key.slice(2) : key;
    if (serverFields.has(name)) continue;
    const inner = withoutServerFields(item);
    const emptied = isMap(inner) && isMap(item) && Object.keys(inner).length === 0 && Object.keys(item).length > 0;
    // A real server gives every container empty resources, and a controller annotates Deployments.
    const added = (name === 'resources' || name === 'annotations') && isMap(item) && Object.keys(item).length === 0;
    if (!emptied && !added) kept[key] = inner;
  }
  return kept;
}
