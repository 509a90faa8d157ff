import { createHash } from 'node:crypto';
import { groupOf, type KubernetesObject } from '#libs/kubernetes/object';
import { isMap, type PlainMap } from '#libs/kubernetes/ssa/value';
import { type Clock, timestamp } from './clock';

/** How the status of one object goes on. */
export interface Settling {
  /** Nothing is left to do. */
  settled: boolean;
  /** Written at once. */
  progressing?: PlainMap;
  ready: () => PlainMap;
  /** It will not become ready. */
  never: boolean;
  failed?: () => PlainMap;
}

type Settler = (object: KubernetesObject, bad: boolean, clock: Clock) => Settling;

const settlers: Record<string, Settler> = {
  'apps/Deployment': deployment,
  'apps/StatefulSet': statefulSet,
  'apps/DaemonSet': daemonSet,
  'apps/ReplicaSet': replicaSet,
  'batch/Job': job,
  '/Pod': pod,
  '/Service': service,
  '/PersistentVolumeClaim': volumeClaim,
};

/** Undefined for kinds that no controller watches. */
export function settlingOf(object: KubernetesObject, badImage: RegExp, clock: Clock): Settling | undefined {
  const settler = settlers[`${groupOf(object.apiVersion)}/${object.kind}`];
  return settler?.(
    object,
    imagesOf(object).some((image) => badImage.test(image)),
    clock,
  );
}

function deployment(object: KubernetesObject, bad: boolean, clock: Clock): Settling {
  const replicas = replicasOf(object);
  const { observed, name } = common(object);
  const status = (available: number, conditions: PlainMap[]) => ({
    ...observed,
    replicas,
    updatedReplicas: replicas,
    ...(available > 0 ? { readyReplicas: available, availableReplicas: available } : {}),
    ...(replicas > available ? { unavailableReplicas: replicas - available } : {}),
    conditions,
  });
  const progress = (state: string, reason: string, message: string) =>
    condition('Progressing', state, reason, message, clock);
  const available = (ok: boolean) =>
    ok
      ? condition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', clock)
      : condition(
          'Available',
          'False',
          'MinimumReplicasUnavailable',
          'Deployment does not have minimum availability.',
          clock,
        );
  return {
    settled: isObserved(object) && statusOf(object)['availableReplicas'] === (replicas === 0 ? undefined : replicas),
    progressing: status(0, [
      progress('True', 'ReplicaSetUpdated', `ReplicaSet "${name}" is progressing.`),
      available(false),
    ]),
    ready: () =>
      status(replicas, [
        progress('True', 'NewReplicaSetAvailable', `ReplicaSet "${name}" has successfully progressed.`),
        available(true),
      ]),
    never: bad,
    failed: () =>
      status(0, [
        progress('False', 'ProgressDeadlineExceeded', `Deployment "${name}" has timed out progressing.`),
        available(false),
      ]),
  };
}

function statefulSet(object: KubernetesObject, bad: boolean): Settling {
  const replicas = replicasOf(object);
  const revision = `${common(object).name}-${templateHash(object)}`;
  const status = (ready: number) => ({
    ...common(object).observed,
    replicas,
    readyReplicas: ready,
    availableReplicas: ready,
    currentReplicas: replicas,
    updatedReplicas: replicas,
    currentRevision: revision,
    updateRevision: revision,
  });
  const settled = isObserved(object) && statusOf(object)['readyReplicas'] === replicas;
  return { settled, progressing: status(0), ready: () => status(replicas), never: bad };
}

function daemonSet(object: KubernetesObject, bad: boolean): Settling {
  const nodes = 1;
  const status = (ready: number) => ({
    ...common(object).observed,
    currentNumberScheduled: nodes,
    desiredNumberScheduled: nodes,
    updatedNumberScheduled: nodes,
    numberMisscheduled: 0,
    numberReady: ready,
    numberAvailable: ready,
    ...(ready < nodes ? { numberUnavailable: nodes - ready } : {}),
  });
  const settled = isObserved(object) && statusOf(object)['numberReady'] === nodes;
  return { settled, progressing: status(0), ready: () => status(nodes), never: bad };
}

function replicaSet(object: KubernetesObject, bad: boolean): Settling {
  const replicas = replicasOf(object);
  const status = (ready: number) => ({
    ...common(object).observed,
    replicas,
    fullyLabeledReplicas: replicas,
    readyReplicas: ready,
    availableReplicas: ready,
  });
  const settled = isObserved(object) && statusOf(object)['readyReplicas'] === replicas;
  return { settled, progressing: status(0), ready: () => status(replicas), never: bad };
}

function job(object: KubernetesObject, bad: boolean, clock: Clock): Settling {
  const startTime = timestamp(clock);
  return {
    settled: Array.isArray(statusOf(object)['conditions']),
    progressing: { startTime, active: 1, ready: 0 },
    ready: () => ({
      startTime,
      completionTime: timestamp(clock),
      succeeded: 1,
      ready: 0,
      conditions: [
        condition('Complete', 'True', 'CompletionsReached', 'Reached expected number of succeeded pods', clock),
      ],
    }),
    never: bad,
    failed: () => ({
      startTime,
      failed: 1,
      conditions: [
        condition('Failed', 'True', 'BackoffLimitExceeded', 'Job has reached the specified backoff limit', clock),
      ],
    }),
  };
}

function pod(object: KubernetesObject, bad: boolean, clock: Clock): Settling {
  const image = imagesOf(object)[0] ?? '';
  const waiting = {
    reason: bad ? 'ImagePullBackOff' : 'ContainerCreating',
    message: bad ? `Back-off pulling image "${image}"` : '',
  };
  const containers = (ready: boolean) =>
    containersOf(object).map((container) => ({
      name: String(container['name']),
      image: String(container['image']),
      imageID: '',
      ready,
      restartCount: 0,
      state: ready ? { running: { startedAt: timestamp(clock) } } : { waiting },
    }));
  const conditions = (ready: boolean) =>
    ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => {
      const ok = ready || type === 'Initialized' || type === 'PodScheduled';
      return {
        type,
        status: ok ? 'True' : 'False',
        lastTransitionTime: timestamp(clock),
        ...(ok ? {} : { reason: 'ContainersNotReady' }),
      };
    });
  const status = (phase: string, ready: boolean) => ({
    phase,
    conditions: conditions(ready),
    containerStatuses: containers(ready),
  });
  return {
    settled: statusOf(object)['phase'] === 'Running',
    progressing: status('Pending', false),
    ready: () => status('Running', true),
    never: bad,
  };
}

function service(object: KubernetesObject): Settling {
  const spec = mapAt(object, 'spec');
  const ingress = mapAt(statusOf(object), 'loadBalancer')['ingress'];
  const digest = createHash('sha256')
    .update(object.metadata.uid ?? '')
    .digest();
  return {
    settled: spec['type'] !== 'LoadBalancer' || Array.isArray(ingress),
    ready: () => ({ loadBalancer: { ingress: [{ ip: `203.0.113.${1 + ((digest[0] ?? 0) % 254)}` }] } }),
    never: false,
  };
}

function volumeClaim(object: KubernetesObject): Settling {
  const spec = mapAt(object, 'spec');
  const requests = mapAt(mapAt(spec, 'resources'), 'requests');
  return {
    settled: statusOf(object)['phase'] === 'Bound',
    progressing: { phase: 'Pending' },
    ready: () => ({
      phase: 'Bound',
      accessModes: spec['accessModes'] ?? [],
      capacity: { storage: requests['storage'] ?? '1Gi' },
    }),
    never: false,
  };
}

function condition(type: string, status: string, reason: string, message: string, clock: Clock): PlainMap {
  const time = timestamp(clock);
  const updated = type === 'Progressing' || type === 'Available' ? { lastUpdateTime: time } : {};
  return { type, status, reason, message, lastTransitionTime: time, ...updated };
}

function common(object: KubernetesObject): { name: string; observed: PlainMap } {
  return { name: object.metadata.name, observed: { observedGeneration: object.metadata.generation ?? 1 } };
}

function isObserved(object: KubernetesObject): boolean {
  return statusOf(object)['observedGeneration'] === object.metadata.generation;
}

function replicasOf(object: KubernetesObject): number {
  const replicas = mapAt(object, 'spec')['replicas'];
  return typeof replicas === 'number' ? replicas : 1;
}

function statusOf(object: KubernetesObject): PlainMap {
  return mapAt(object, 'status');
}

function templateHash(object: KubernetesObject): string {
  return createHash('sha256')
    .update(JSON.stringify(mapAt(object, 'spec')['template']))
    .digest('hex')
    .slice(0, 10);
}

function imagesOf(object: KubernetesObject): string[] {
  return containersOf(object).map((container) => String(container['image']));
}

function containersOf(object: KubernetesObject): PlainMap[] {
  const spec = mapAt(object, 'spec');
  const podSpec = isMap(spec['template']) ? mapAt(spec['template'], 'spec') : spec;
  return Array.isArray(podSpec['containers']) ? podSpec['containers'].filter(isMap) : [];
}

function mapAt(value: PlainMap, key: string): PlainMap {
  const found = value[key];
  return isMap(found) ? found : {};
}
