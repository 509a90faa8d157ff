import { assessHealth } from '../assess';

const available = {
  type: 'Available',
  status: 'True',
  reason: 'MinimumReplicasAvailable',
  message: 'has minimum availability',
};
const unavailable = {
  ...available,
  status: 'False',
  reason: 'MinimumReplicasUnavailable',
  message: 'does not have minimum availability',
};
const complete = {
  type: 'Progressing',
  status: 'True',
  reason: 'NewReplicaSetAvailable',
  message: 'has successfully progressed',
};
const updating = { ...complete, reason: 'ReplicaSetUpdated', message: 'ReplicaSet "api-1" is progressing' };
const exceeded = {
  ...complete,
  status: 'False',
  reason: 'ProgressDeadlineExceeded',
  message: 'ReplicaSet "api-1" has timed out progressing.',
};
const quota = {
  type: 'ReplicaFailure',
  status: 'True',
  reason: 'FailedCreate',
  message: 'pods "api-1-x" is forbidden: exceeded quota: small',
};
const paused = { type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' };

const spec = { replicas: 3, progressDeadlineSeconds: 600 };
const full = { observedGeneration: 2, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 };
const done = { ...full, conditions: [available, complete] };

describe('the health of a Deployment', () => {
  it.each<[string, object, object | undefined, string, string, string]>([
    ['all available', spec, done, 'healthy', 'Current', '3 replicas are available'],
    ['no status', spec, undefined, 'progressing', 'TooFewReplicas', '0 of 3'],
    ['replicas not given', {}, undefined, 'progressing', 'TooFewReplicas', '0 of 1'],
    [
      'another generation',
      spec,
      { ...done, observedGeneration: 1 },
      'progressing',
      'GenerationNotObserved',
      'generation 1',
    ],
    [
      'too few replicas',
      spec,
      { ...full, replicas: 2, conditions: [updating] },
      'progressing',
      'TooFewReplicas',
      '2 of 3 replicas exist',
    ],
    [
      'too few updated',
      spec,
      { ...full, updatedReplicas: 1, conditions: [available, updating] },
      'progressing',
      'TooFewUpdated',
      '1 of 3',
    ],
    [
      'old replicas left',
      spec,
      { ...full, replicas: 4, conditions: [available, updating] },
      'progressing',
      'ExtraReplicas',
      '1 old',
    ],
    [
      'too few available',
      spec,
      { ...full, availableReplicas: 2, conditions: [updating] },
      'progressing',
      'TooFewAvailable',
      '2 of 3',
    ],
    [
      'too few ready',
      { ...spec, replicas: 3 },
      { ...full, readyReplicas: 2, conditions: [] },
      'progressing',
      'TooFewReady',
      '2 of 3',
    ],
    [
      'not reported complete',
      spec,
      { ...full, conditions: [available, updating] },
      'progressing',
      'ReplicaSetNotAvailable',
      'not reported',
    ],
    ['no conditions', spec, full, 'progressing', 'ReplicaSetNotAvailable', 'not reported'],
    ['no deadline', { replicas: 3 }, { ...full, conditions: [available] }, 'healthy', 'Current', '3 replicas'],
    [
      'the largest deadline',
      { replicas: 3, progressDeadlineSeconds: 2147483647 },
      { ...full, conditions: [available] },
      'healthy',
      'Current',
      '',
    ],
    [
      'complete, not available',
      spec,
      { ...full, conditions: [unavailable, complete] },
      'progressing',
      'DeploymentNotAvailable',
      'minimum availability',
    ],
    [
      'availability not reported',
      spec,
      { ...full, conditions: [complete] },
      'progressing',
      'DeploymentNotAvailable',
      'not reported as available',
    ],
    [
      'deadline exceeded',
      spec,
      { ...full, availableReplicas: 0, conditions: [unavailable, exceeded] },
      'degraded',
      'ProgressDeadlineExceeded',
      'timed out',
    ],
    [
      'deadline exceeded by quota',
      spec,
      { replicas: 0, conditions: [exceeded, quota] },
      'degraded',
      'ProgressDeadlineExceeded',
      'exceeded quota: small',
    ],
    [
      'held up by quota',
      spec,
      { replicas: 1, conditions: [updating, quota] },
      'progressing',
      'TooFewReplicas',
      '1 of 3 replicas exist: pods "api-1-x" is forbidden',
    ],
    [
      'paused in an update',
      { ...spec, paused: true },
      { ...full, updatedReplicas: 0, conditions: [available, paused] },
      'progressing',
      'TooFewUpdated',
      'paused (spec.paused)',
    ],
    [
      'paused',
      { ...spec, paused: true },
      { ...full, conditions: [available, paused] },
      'progressing',
      'ReplicaSetNotAvailable',
      'paused (spec.paused)',
    ],
    [
      'scaled to nothing',
      { ...spec, replicas: 0 },
      { observedGeneration: 2, conditions: [available, complete] },
      'healthy',
      'Current',
      '0 replicas',
    ],
    [
      'scaled down, old replicas left',
      { ...spec, replicas: 0 },
      { ...full, replicas: 2, updatedReplicas: 2 },
      'progressing',
      'ExtraReplicas',
      '2 old',
    ],
    ['nonsense for counts', spec, { ...done, replicas: '3' }, 'progressing', 'TooFewReplicas', '0 of 3'],
  ])('%s', (_, spec, status, expected, reason, message) => {
    const object = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'api', generation: 2 },
      spec,
      status,
    };
    expect(assessHealth(object)).toEqual({ status: expected, reason, message: expect.stringContaining(message) });
  });
});
