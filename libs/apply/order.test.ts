import fc from 'fast-check';
import { referenceOf, type KubernetesObject } from '#libs/kubernetes/object';
import { applyPhases, pruneOrder, type Phase } from './order';

function object(apiVersion: string, kind: string, name: string, wave?: string, namespace?: string): KubernetesObject {
  const annotations = wave === undefined ? undefined : { 'flotilla.dev/wave': wave };
  return { apiVersion, kind, metadata: { name, namespace, annotations } };
}

function phasesOf(objects: KubernetesObject[]): Phase[] {
  const order = applyPhases(objects);
  if (!order.ok) throw new Error(order.errors.map((error) => error.message).join('\n'));
  return order.phases;
}

const names = (phases: Phase[]) => phases.map((phase) => phase.objects.map((each) => each.metadata.name));

const application = [
  object('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'webhook'),
  object('cert-manager.io/v1', 'Certificate', 'certificate', undefined, 'web'),
  object('networking.k8s.io/v1', 'Ingress', 'ingress', undefined, 'web'),
  object('apps/v1', 'Deployment', 'deployment', undefined, 'web'),
  object('batch/v1', 'CronJob', 'cron-job', undefined, 'web'),
  object('v1', 'Service', 'service', undefined, 'web'),
  object('rbac.authorization.k8s.io/v1', 'RoleBinding', 'binding', undefined, 'web'),
  object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'role'),
  object('v1', 'PersistentVolumeClaim', 'claim', undefined, 'web'),
  object('v1', 'ConfigMap', 'config', undefined, 'web'),
  object('v1', 'Secret', 'secret', undefined, 'web'),
  object('v1', 'ServiceAccount', 'account', undefined, 'web'),
  object('v1', 'LimitRange', 'limits', undefined, 'web'),
  object('v1', 'ResourceQuota', 'quota', undefined, 'web'),
  object('apiregistration.k8s.io/v1', 'APIService', 'api-service'),
  object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'definition'),
  object('v1', 'Namespace', 'web'),
];

describe('applyPhases', () => {
  it('orders an application as it must be installed', () => {
    expect(names(phasesOf(application))).toEqual([
      ['web'],
      ['definition'],
      ['limits', 'quota'],
      ['account'],
      ['secret'],
      ['config'],
      ['claim'],
      ['role'],
      ['binding'],
      ['service'],
      ['deployment'],
      ['cron-job'],
      ['ingress'],
      ['api-service'],
      ['certificate'],
      ['webhook'],
    ]);
  });

  it('waits for definitions to be established, and for nothing else', () => {
    const waited = phasesOf(application).filter((phase) => phase.waitFor === 'established');
    expect(waited.map((phase) => phase.stage)).toEqual(['definitions']);
  });

  it('puts the wave before the kind, lower first, 0 without one', () => {
    const phases = phasesOf([
      object('v1', 'ConfigMap', 'late', '10'),
      object('apps/v1', 'Deployment', 'middle'),
      object('v1', 'ConfigMap', 'middle-config', '0'),
      object('batch/v1', 'Job', 'early', '-5'),
    ]);
    expect(phases.map((phase) => [phase.wave, phase.objects[0]?.metadata.name])).toEqual([
      [-5, 'early'],
      [0, 'middle-config'],
      [0, 'middle'],
      [10, 'late'],
    ]);
  });

  it('reads signs and zeros: +3, -0 and 007', () => {
    const phases = phasesOf([
      object('v1', 'ConfigMap', 'seven', '007'),
      object('v1', 'ConfigMap', 'three', '+3'),
      object('v1', 'ConfigMap', 'zero', '-0'),
      object('v1', 'ConfigMap', 'none'),
    ]);
    expect(names(phases)).toEqual([['none', 'zero'], ['three'], ['seven']]);
  });

  it('applies namespaces and definitions first, whatever wave they say', () => {
    const phases = phasesOf([
      object('v1', 'ConfigMap', 'first-of-the-rest', '-100'),
      object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'definition', '50'),
      object('v1', 'Namespace', 'web', '99'),
    ]);
    expect(names(phases)).toEqual([['web'], ['definition'], ['first-of-the-rest']]);
  });

  it('takes a kind of another group for a custom resource', () => {
    const phases = phasesOf([
      object('serving.knative.dev/v1', 'Service', 'knative'),
      object('apps/v1', 'Deployment', 'deployment'),
      object('v1', 'Service', 'service'),
    ]);
    expect(names(phases)).toEqual([['service'], ['deployment'], ['knative']]);
  });

  it('puts the bindings of admission policies after the policies', () => {
    const group = 'admissionregistration.k8s.io/v1';
    const phases = phasesOf([
      object(group, 'ValidatingAdmissionPolicyBinding', 'binding'),
      object(group, 'ValidatingAdmissionPolicy', 'policy'),
    ]);
    expect(names(phases)).toEqual([['policy'], ['binding']]);
  });

  it('gives no phases for no objects', () => {
    expect(applyPhases([])).toEqual({ ok: true, phases: [] });
  });

  it('orders within a phase by kind, namespace and name', () => {
    const phases = phasesOf([
      object('apps/v1', 'StatefulSet', 'a', undefined, 'a'),
      object('apps/v1', 'Deployment', 'b', undefined, 'b'),
      object('apps/v1', 'Deployment', 'c', undefined, 'a'),
      object('apps/v1', 'Deployment', 'a', undefined, 'b'),
    ]);
    expect(phases).toHaveLength(1);
    expect(phases[0]?.objects.map((each) => `${each.kind} ${each.metadata.namespace}/${each.metadata.name}`)).toEqual([
      'Deployment a/c',
      'Deployment b/a',
      'Deployment b/b',
      'StatefulSet a/a',
    ]);
  });

  it('does not depend on the order of its input', () => {
    const ordered = phasesOf(application);
    const permutations = fc.shuffledSubarray(application, { minLength: application.length });
    fc.assert(fc.property(permutations, (shuffled) => expect(phasesOf(shuffled)).toEqual(ordered)));
  });
});

describe('a bad wave', () => {
  it.each(['first', '1.5', '', ' 1', '1e3', '0x10', '1001', '-1001', '1760000000'])(
    '%j is refused by name',
    (value) => {
      const order = applyPhases([
        object('v1', 'ConfigMap', 'good', '1'),
        object('apps/v1', 'Deployment', 'api', value, 'web'),
      ]);
      expect(order).toEqual({
        ok: false,
        errors: [
          { object: expect.objectContaining({ kind: 'Deployment', name: 'api' }), value, message: expect.any(String) },
        ],
      });
      expect(order.ok ? '' : order.errors[0]?.message).toContain(
        `Deployment web/api: annotation flotilla.dev/wave is "${value}"`,
      );
    },
  );

  it('is refused on a namespace too, and when it is no string', () => {
    const odd = object('v1', 'Namespace', 'web');
    odd.metadata.annotations = { 'flotilla.dev/wave': 5 as unknown as string };
    expect(applyPhases([odd]).ok).toBe(false);
  });

  it('names at most twenty objects and clips the value', () => {
    const order = applyPhases(
      Array.from({ length: 30 }, (_, i) => object('v1', 'ConfigMap', `c${i}`, 'x'.repeat(5_000))),
    );
    if (order.ok) throw new Error('a bad wave was taken');
    expect(order.errors).toHaveLength(20);
    expect(order.errors[0]?.value).toHaveLength(100);
  });
});

describe('pruneOrder', () => {
  it('is the reverse of applying, with definitions and namespaces last', () => {
    const groups = pruneOrder(application.map(referenceOf));
    expect(groups.map((group) => group.map((entry) => entry.name))).toEqual(names(phasesOf(application)).reverse());
    expect(
      groups
        .slice(-2)
        .flat()
        .map((entry) => entry.kind),
    ).toEqual(['CustomResourceDefinition', 'Namespace']);
  });

  it('deletes higher waves first where they are known', () => {
    const config = { group: '', kind: 'ConfigMap', namespace: 'web' };
    const entries = [
      { ...config, name: 'early', wave: -1 },
      { ...config, name: 'late', wave: 5 },
      { ...config, name: 'unknown' },
    ];
    expect(pruneOrder(entries).map((group) => group.map((entry) => entry.name))).toEqual([
      ['late'],
      ['unknown'],
      ['early'],
    ]);
  });
});
