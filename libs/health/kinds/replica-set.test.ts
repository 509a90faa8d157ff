import { assessHealth } from '../assess';

const full = { replicas: 2, fullyLabeledReplicas: 2, readyReplicas: 2, availableReplicas: 2, observedGeneration: 1 };
const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota: small' };

describe('the health of a ReplicaSet', () => {
  it.each<[string, object, object | undefined, string, string, string]>([
    ['all available', { replicas: 2 }, full, 'healthy', 'Current', '2 replicas are available'],
    ['no status', {}, undefined, 'progressing', 'TooFewLabelled', '0 of 1'],
    [
      'too few labelled',
      { replicas: 2 },
      { ...full, fullyLabeledReplicas: 1 },
      'progressing',
      'TooFewLabelled',
      '1 of 2',
    ],
    [
      'too few available',
      { replicas: 2 },
      { ...full, availableReplicas: 1 },
      'progressing',
      'TooFewAvailable',
      '1 of 2',
    ],
    ['too few ready', { replicas: 2 }, { ...full, readyReplicas: 1 }, 'progressing', 'TooFewReady', '1 of 2'],
    ['too many', { replicas: 1 }, full, 'progressing', 'ExtraReplicas', '1 replicas'],
    [
      'Pods refused',
      { replicas: 2 },
      { ...full, conditions: [failure] },
      'progressing',
      'ReplicaFailure',
      'exceeded quota',
    ],
    [
      'Pods refused no more',
      { replicas: 2 },
      { ...full, conditions: [{ ...failure, status: 'False' }] },
      'healthy',
      'Current',
      '',
    ],
  ])('%s', (_, spec, status, expected, reason, message) => {
    const object = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'api-1', generation: 1 },
      spec,
      status,
    };
    expect(assessHealth(object)).toEqual({ status: expected, reason, message: expect.stringContaining(message) });
  });
});
