import { assessHealth } from './assess';

const condition = (type: string, status: string, reason = '', message = '') => ({ type, status, reason, message });
const ready = condition('Ready', 'True', 'Issued', 'certificate is up to date');

describe('the health of a custom resource', () => {
  it.each<[string, object | undefined, string, string, string]>([
    ['no status', undefined, 'healthy', 'Current', 'it is there'],
    ['no conditions', { observedGeneration: 3 }, 'healthy', 'Current', 'it is there'],
    ['ready', { conditions: [ready] }, 'healthy', 'Issued', 'ready'],
    [
      'not ready',
      { conditions: [condition('Ready', 'False', 'DoesNotExist', 'issuer "ca" not found')] },
      'progressing',
      'DoesNotExist',
      'issuer "ca" not found',
    ],
    ['not known to be ready', { conditions: [condition('Ready', 'Unknown')] }, 'progressing', 'NotReady', 'not ready'],
    ['a status that is none', { conditions: [condition('Ready', 'Maybe')] }, 'healthy', 'Current', 'it is there'],
    [
      'ready, of an old generation',
      { observedGeneration: 2, conditions: [ready] },
      'progressing',
      'GenerationNotObserved',
      'generation 2',
    ],
    [
      'reconciling',
      { observedGeneration: 3, conditions: [condition('Reconciling', 'True', 'Progressing', 'building'), ready] },
      'progressing',
      'Progressing',
      'building',
    ],
    ['reconciling no more', { conditions: [condition('Reconciling', 'False'), ready] }, 'healthy', 'Issued', ''],
    [
      'stalled',
      { conditions: [ready, condition('Stalled', 'True', 'InvalidURL', 'no such chart')] },
      'degraded',
      'InvalidURL',
      'no such chart',
    ],
    ['stalled, nothing said', { conditions: [condition('Stalled', 'True')] }, 'degraded', 'Stalled', 'no progress'],
    [
      'stalled and reconciling: the first counts',
      { conditions: [condition('Stalled', 'True', 'A'), condition('Reconciling', 'True', 'B')] },
      'degraded',
      'A',
      '',
    ],
    [
      'other conditions',
      { conditions: [condition('Synced', 'False', 'Error', 'no')] },
      'healthy',
      'Current',
      'it is there',
    ],
    ['malformed conditions', { conditions: { Ready: 'no' } }, 'healthy', 'Current', 'it is there'],
    ['malformed entries', { conditions: [null, 'Ready', {}, { type: 5 }] }, 'healthy', 'Current', 'it is there'],
  ])('%s', (_, status, expected, reason, message) => {
    const metadata = { name: 'web', namespace: 'web', generation: 3 };
    const object = { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', metadata, status };
    expect(assessHealth(object)).toEqual({ status: expected, reason, message: expect.stringContaining(message) });
  });

  it('is not judged by the rules of a built-in kind of the same name', () => {
    const object = {
      apiVersion: 'serving.knative.dev/v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { type: 'LoadBalancer' },
    };
    expect(assessHealth(object).status).toBe('healthy');
  });
});

describe('the health of kinds without rules', () => {
  it.each([
    ['v1', 'ConfigMap'],
    ['v1', 'Secret'],
    ['v1', 'ServiceAccount'],
    ['networking.k8s.io/v1', 'NetworkPolicy'],
    ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
    ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'],
  ])('%s %s is healthy when it is there', (apiVersion, kind) => {
    expect(assessHealth({ apiVersion, kind, metadata: { name: 'x', generation: 1 } }).status).toBe('healthy');
  });
});

describe('standard conditions on a built-in kind', () => {
  it('come before the rules of its kind', () => {
    const status = { phase: 'Bound', conditions: [condition('Stalled', 'True', 'Stuck', 'no space')] };
    const object = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, status };
    expect(assessHealth(object)).toMatchObject({ status: 'degraded', reason: 'Stuck' });
  });
});

describe('messages', () => {
  it('are clipped, whoever writes them', () => {
    const status = { conditions: [condition('Ready', 'False', 'R'.repeat(5_000), 'm'.repeat(50_000))] };
    const health = assessHealth({ apiVersion: 'example.com/v1', kind: 'Shop', metadata: { name: 'x' }, status });
    expect(health.message).toHaveLength(800);
    expect(health.reason).toHaveLength(200);
  });
});
