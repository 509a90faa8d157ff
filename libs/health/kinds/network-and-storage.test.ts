import { assessHealth } from '../assess';

describe('the health of a Service', () => {
  it.each<[string, object, object | undefined, string, string, string]>([
    ['of no type', {}, undefined, 'healthy', 'Current', 'ready'],
    ['headless', { type: 'ClusterIP', clusterIP: 'None' }, {}, 'healthy', 'Current', 'ready'],
    ['NodePort', { type: 'NodePort' }, {}, 'healthy', 'Current', 'ready'],
    ['ExternalName', { type: 'ExternalName' }, {}, 'healthy', 'Current', 'ready'],
    ['LoadBalancer without IP', { type: 'LoadBalancer' }, {}, 'progressing', 'NoIPAssigned', 'no cluster IP'],
    [
      'LoadBalancer without address',
      { type: 'LoadBalancer', clusterIP: '10.0.0.1' },
      { loadBalancer: {} },
      'healthy',
      'Current',
      'no address yet',
    ],
    [
      'LoadBalancer',
      { type: 'LoadBalancer', clusterIP: '10.0.0.1' },
      { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
      'healthy',
      'Current',
      'has an address',
    ],
  ])('%s', (_, spec, status, expected, reason, message) => {
    const object = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'api' }, spec, status };
    expect(assessHealth(object)).toEqual({ status: expected, reason, message: expect.stringContaining(message) });
  });
});

describe('the health of an Ingress', () => {
  it.each([
    ['without address', {}, 'no controller'],
    ['with address', { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }] } }, 'has an address'],
  ])('%s', (_, status, message) => {
    const object = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'web', generation: 1 },
      status,
    };
    expect(assessHealth(object)).toMatchObject({ status: 'healthy', message: expect.stringContaining(message) });
  });
});

describe('the health of a PersistentVolumeClaim', () => {
  it.each([
    ['no status', undefined, 'progressing', 'NotBound', 'no phase'],
    ['pending', { phase: 'Pending' }, 'progressing', 'NotBound', 'waits for a volume'],
    ['bound', { phase: 'Bound' }, 'healthy', 'Current', 'bound'],
    ['lost', { phase: 'Lost' }, 'progressing', 'Lost', 'is gone'],
    ['a phase of the future', { phase: 'Moving' }, 'progressing', 'NotBound', 'phase is Moving'],
  ])('%s', (_, status, expected, reason, message) => {
    const object = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, status };
    expect(assessHealth(object)).toEqual({ status: expected, reason, message: expect.stringContaining(message) });
  });
});
