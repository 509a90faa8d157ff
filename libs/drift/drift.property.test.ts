import fc from 'fast-check';
import type { KubernetesObject } from '#libs/kubernetes/object';
import { baselineOf, intendedFields } from './baseline';
import { driftOf } from './drift';
import type { FieldNode } from './field-node';

// The edits of this test reach deep into values of a known shape.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Any = any;
type Json = Record<string, Any>;

const word = fc.stringMatching(/^[a-z]{1,6}$/);
const labels = fc.dictionary(word, word, { maxKeys: 4 });
const port = fc.record({ containerPort: fc.nat(9), name: word }, { requiredKeys: ['containerPort'] });
const container = fc.record(
  {
    name: word,
    image: word,
    args: fc.array(word, { maxLength: 3 }),
    env: fc.uniqueArray(fc.record({ name: word, value: word }), { selector: (each) => each.name, maxLength: 4 }),
    ports: fc.uniqueArray(port, { selector: (each) => each.containerPort, maxLength: 3 }),
    resources: fc.record({ limits: fc.dictionary(word, word, { maxKeys: 2 }) }, { requiredKeys: [] }),
  },
  { requiredKeys: ['name', 'image'] },
);
const containers = fc.uniqueArray(container, { selector: (each) => each.name, minLength: 1, maxLength: 3 });

const deployment = fc
  .record({ labels, annotations: labels, replicas: fc.nat(5), containers, selector: labels, nodeSelector: labels })
  .map(({ labels, annotations, replicas, containers, selector, nodeSelector }): KubernetesObject => {
    const spec = { nodeSelector, containers, volumes: [{ name: 'tmp', emptyDir: {} }] };
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'api', namespace: 'web', labels, annotations, finalizers: ['example.com/ours'] },
      spec: { replicas, selector: { matchLabels: selector }, template: { metadata: { labels }, spec } },
    };
  });

/** What an API server and a webhook make of it: defaults, a sidecar, status, bookkeeping. */
function served(intended: KubernetesObject): Json {
  // By way of JSON, since structuredClone keeps what is shared shared.
  const object: Json = JSON.parse(JSON.stringify(intended));
  Object.assign(object.metadata, { uid: 'u-1', resourceVersion: '7', generation: 1, managedFields: [] });
  object.metadata.annotations['injected'] = 'yes';
  object.metadata.finalizers.push('example.com/theirs');
  object.spec.progressDeadlineSeconds = 600;
  object.spec.replicas = object.spec.replicas === 5 ? 4 : object.spec.replicas;
  const pod = object.spec.template.spec;
  for (const each of pod.containers) {
    each.imagePullPolicy = 'Always';
    for (const port of each.ports ?? []) port.protocol = 'TCP';
  }
  pod.containers.unshift({ name: 'injected', image: 'proxy', env: [{ name: 'A', value: 'b' }] });
  pod.restartPolicy = 'Always';
  object.status = { replicas: 1 };
  return object;
}

/** All intended fields that hold a value, as paths of elements. */
function leavesOf(node: FieldNode, path: string[] = []): string[][] {
  if ('fields' in node) {
    const below = node.fields.flatMap(([name, field]) => leavesOf(field, [...path, `f:${name}`]));
    return below.length > 0 ? below : [path];
  }
  if ('items' in node) return node.items.flatMap(([element, item]) => leavesOf(item, [...path, element]));
  return [path];
}

/** Puts `value` at the path, or removes what is there where it is undefined. */
function change(object: Json, path: string[], value: unknown): void {
  let parent: Any = object;
  for (const [index, element] of path.entries()) {
    const last = index === path.length - 1;
    const key = keyOf(parent, element);
    if (!last) parent = parent[key];
    else if (value !== undefined) parent[key] = value;
    else if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[key];
  }
}

function keyOf(parent: Any, element: string): string | number {
  const rest = element.slice(2);
  if (element.startsWith('f:')) return rest;
  if (element.startsWith('v:')) return (parent as unknown[]).indexOf(JSON.parse(rest));
  const wanted = Object.entries(JSON.parse(rest) as Json);
  return (parent as Json[]).findIndex((item) => wanted.every(([name, value]) => item[name] === value));
}

describe('drift of a Deployment', () => {
  it('is none while nothing changes, whatever the server and webhooks added', () => {
    fc.assert(
      fc.property(deployment, (intended) => {
        const live = served(intended) as KubernetesObject;
        expect(driftOf(baselineOf(live, intended), structuredClone(live))).toEqual({ kind: 'none' });
      }),
    );
  });

  it('finds the change or removal of any one intended field, and names only that', () => {
    fc.assert(
      fc.property(deployment, fc.nat(), fc.boolean(), (intended, pick, remove) => {
        const live = served(intended);
        const baseline = baselineOf(live as KubernetesObject, intended);
        const leaves = leavesOf(baseline.root);
        const path = leaves[pick % leaves.length]!;
        // The keys of a list's entries cannot change: the entry would be another.
        const isKey = /^k:/.test(path.at(-2) ?? '') && (path.at(-2) ?? '').includes(`"${path.at(-1)!.slice(2)}":`);
        change(live, isKey ? path.slice(0, -1) : path, remove || isKey ? undefined : 'changed by someone');
        const drift = driftOf(baseline, live as KubernetesObject);
        expect(drift.kind).toBe('changed');
        expect(drift.kind === 'changed' ? drift.fields.length : 0).toBe(1);
      }),
      { numRuns: 300 },
    );
  });

  it('does not mind what happens to fields that are not intended', () => {
    const foreign: ((live: Json) => void)[] = [
      (live) => (live.status = { replicas: 99 }),
      (live) => delete live.status,
      (live) => Object.assign(live.metadata, { resourceVersion: '9', generation: 4 }),
      (live) => (live.metadata.labels['not-ours'] = 'x'),
      (live) => delete live.metadata.annotations['injected'],
      (live) => (live.metadata.finalizers = live.metadata.finalizers.filter((each: string) => each.endsWith('ours'))),
      (live) => (live.spec.progressDeadlineSeconds = 5),
      (live) => (live.spec.template.spec.restartPolicy = 'Never'),
      (live) => live.spec.template.spec.containers.shift(),
      (live) => live.spec.template.spec.containers.reverse(),
      (live) => live.spec.template.spec.containers.push({ name: 'LATER', image: 'x' }),
      (live) => (live.spec.template.spec.containers[0].image = 'changed'),
      (live) => (live.spec.template.spec.containers.at(-1).imagePullPolicy = 'Never'),
      (live) => (live.spec.template.spec.containers.at(-1).env ??= []).push({ name: 'NOT_OURS', value: 'x' }),
      (live) => (live.spec.template.spec.containers.at(-1).env ??= []).reverse(),
      (live) => (live.spec.template.metadata.annotations = { restartedAt: 'now' }),
    ];
    fc.assert(
      fc.property(deployment, fc.constantFrom(...foreign), (intended, act) => {
        const live = served(intended);
        const baseline = baselineOf(live as KubernetesObject, intended);
        act(live);
        expect(driftOf(baseline, live as KubernetesObject)).toEqual({ kind: 'none' });
      }),
      { numRuns: 300 },
    );
  });

  it('needs nothing but the object itself to know what is intended', () => {
    fc.assert(
      fc.property(deployment, (intended) => {
        expect(driftOf(intendedFields(intended), intended)).toEqual({ kind: 'none' });
      }),
    );
  });

  it('compares with a baseline that was stored', () => {
    fc.assert(
      fc.property(deployment, (intended) => {
        const baseline = baselineOf(served(intended) as KubernetesObject, intended);
        expect(JSON.parse(JSON.stringify(baseline))).toEqual(baseline);
      }),
    );
  });
});
