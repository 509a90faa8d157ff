import type { KubernetesObject } from '#libs/kubernetes/object';
import { memoryKubernetes } from '../kubernetes/memory/memory-kubernetes';
import { KubernetesError } from '../kubernetes/port';
import { application, configMap, configMapRef, eventually, webNamespace, world, type World } from '../testing/fixtures';

const definition: KubernetesObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'boats.harbour.example' },
  spec: {
    group: 'harbour.example',
    scope: 'Namespaced',
    names: { plural: 'boats', singular: 'boat', kind: 'Boat', listKind: 'BoatList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};
const boat: KubernetesObject = {
  apiVersion: 'harbour.example/v1',
  kind: 'Boat',
  metadata: { name: 'tug', namespace: 'web' },
  spec: { sails: 2 },
};
const boatRef = { group: 'harbour.example', version: 'v1', kind: 'Boat', namespace: 'web', name: 'tug' };

function inWave(object: KubernetesObject, wave: string): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, annotations: { 'flotilla.dev/wave': wave } } };
}

describe('applying in order', () => {
  let w: World;
  afterEach(() => w.end());

  const phase = (): string | undefined => w.hub.said(application)?.phase;

  it('makes namespaces first, then definitions, and waits until their kinds are served', async () => {
    w = world(memoryKubernetes({ establishAfterMs: 120 }));
    w.hub.release({ [application]: { objects: [boat, configMap('a'), definition, webNamespace] } });
    await w.start();
    await eventually('applied', () => phase() === 'applied');
    expect(w.kubernetes.peek(boatRef)?.spec).toEqual({ sails: 2 });
  });

  it('tries again what can succeed later', async () => {
    w = world();
    w.kubernetes.faults.failNext(
      ({ verb }) => verb === 'apply',
      new KubernetesError('throttled', 'slow down', { retryAfterMs: 5 }),
      3,
    );
    w.hub.release({ [application]: { objects: [webNamespace, configMap('a')] } });
    await w.start();
    await eventually('applied', () => phase() === 'applied', 8_000);
  });

  it('holds up only what needs what failed', async () => {
    w = world();
    const forbidden = inWave(configMap('forbidden'), '1');
    w.kubernetes.faults.failNext(
      ({ verb, reference }) => verb === 'apply' && reference.name === 'forbidden',
      new KubernetesError('forbidden', 'no rights'),
    );
    const objects = [
      webNamespace,
      configMap('before'),
      forbidden,
      inWave(configMap('beside'), '1'),
      inWave(configMap('after'), '2'),
    ];
    w.hub.release({ [application]: { objects } });
    const agent = await w.start();
    await eventually('failed', () => phase() === 'failed');
    const isThere = (name: string): boolean => w.kubernetes.peek(configMapRef(name)) !== undefined;
    expect(['before', 'beside', 'forbidden', 'after'].map(isThere)).toEqual([true, true, false, false]);
    expect(w.hub.said(application)?.errors).toEqual([
      { object: '/ConfigMap/web/after', message: 'waits for wave 1, of which not everything could be applied' },
      { object: '/ConfigMap/web/forbidden', message: expect.stringContaining('no rights') },
    ]);
    // The next full comparison is when it is tried again.
    await agent.compareNow();
    await eventually('applied', () => phase() === 'applied');
  });

  it('applies a scope as its service account, and keeps its own books as itself', async () => {
    const asked: (string | undefined)[] = [];
    w = world(
      memoryKubernetes({
        authorize: ({ verb, reference, as }) => {
          if (['apply', 'delete'].includes(verb) && reference.namespace !== 'flotilla-system') asked.push(as);
          if (reference.namespace === 'flotilla-system' && as !== undefined) return 'the books are the agent’s own';
          return undefined;
        },
      }),
    );
    w.hub.serviceAccount = 'flotilla-system/flotilla-platform';
    w.hub.release({ [application]: { objects: [webNamespace, configMap('a'), configMap('b')] } });
    await w.start({ bootstrap: true });
    await eventually('applied', () => phase() === 'applied');
    w.hub.release({ [application]: { objects: [webNamespace, configMap('a')] } });
    await eventually('pruned', () => w.kubernetes.peek(configMapRef('b')) === undefined);
    expect(new Set(asked)).toEqual(new Set(['system:serviceaccount:flotilla-system:flotilla-platform']));
    const binding = { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRoleBinding', namespace: '' };
    expect(w.kubernetes.peek({ ...binding, name: 'flotilla-platform' })).toMatchObject({
      roleRef: { name: 'cluster-admin' },
    });
  });

  it('says what to do when it may not make the service account', async () => {
    w = world(
      memoryKubernetes({
        authorize: ({ verb, reference }) =>
          verb === 'create' && reference.kind === 'ClusterRoleBinding'
            ? 'cannot create clusterrolebindings'
            : undefined,
      }),
    );
    await expect(w.start({ bootstrap: true })).rejects.toThrow(
      /create both by hand .* or start the agent with a credential/,
    );
  });

  it('loses nothing of what it made when it dies in between', async () => {
    w = world();
    w.hub.release({ [application]: { objects: [webNamespace, configMap('a'), configMap('b')] } });
    let inventoryAtApply: string | undefined;
    w.kubernetes.faults.setLatency(({ verb, reference }) => {
      if (verb === 'apply' && reference.name === 'a') {
        const name = `flotilla-inventory-${application}`;
        inventoryAtApply = JSON.stringify(w.kubernetes.peek(configMapRef(name, 'flotilla-system'))?.data);
      }
      return 0;
    });
    await w.start();
    await eventually('applied', () => phase() === 'applied');
    expect(inventoryAtApply).toContain('\\"a\\"');
    expect(inventoryAtApply).toContain('\\"b\\"');
  });
});
