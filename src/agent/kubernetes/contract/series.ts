import type { KubernetesObject } from '#libs/kubernetes/object';

/** One step of a random series: an apply of these fields, or an update that changes the live object. */
export type Step =
  | { verb: 'apply'; manager: string; force: boolean; object: KubernetesObject }
  | { verb: 'update'; manager: string; describe: string; change: (object: KubernetesObject) => void };

export type Random = () => number;

/** The same numbers from the same seed: mulberry32. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const managers = ['ann', 'bob', 'cat'];
const maybe = (random: Random, chance: number) => random() < chance;
const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
const subset = <T>(random: Random, items: readonly T[]): T[] => items.filter(() => maybe(random, 0.5));

type Maker = (random: Random, namespace: string) => KubernetesObject;
type Change = { describe: string; change: (object: KubernetesObject) => void };

const makers: Record<string, { make: Maker; change: (random: Random) => Change }> = {
  ConfigMap: { make: configMap, change: changeConfigMap },
  Deployment: { make: deployment, change: changeDeployment },
  Service: { make: service, change: changeService },
};

export const seriesKinds = Object.keys(makers);

export function seriesOf(kind: string, seed: number, length: number, namespace: string): Step[] {
  const random = randomFrom(seed);
  const { make, change } = makers[kind]!;
  return Array.from({ length }, (): Step => {
    const manager = pick(random, managers);
    if (maybe(random, 0.3)) return { verb: 'update', manager, ...change(random) };
    return { verb: 'apply', manager, force: maybe(random, 0.5), object: make(random, namespace) };
  });
}

function metadata(random: Random, namespace: string): KubernetesObject['metadata'] {
  return {
    name: 'subject',
    namespace,
    ...(maybe(random, 0.5) ? { labels: values(random, ['one', 'two', 'three']) } : {}),
    // Never empty: a controller annotates Deployments, at its own time.
    ...(maybe(random, 0.5)
      ? { annotations: { 'example.org/w': '1', ...values(random, ['example.org/x', 'example.org/y']) } }
      : {}),
    ...(maybe(random, 0.3) ? { finalizers: subset(random, ['example.org/p', 'example.org/q', 'example.org/r']) } : {}),
  };
}

function values(random: Random, keys: string[]): Record<string, string> {
  return Object.fromEntries(subset(random, keys).map((key) => [key, pick(random, ['1', '2'])]));
}

function configMap(random: Random, namespace: string): KubernetesObject {
  const data = maybe(random, 0.8) ? { data: values(random, ['a', 'b', 'c', 'd']) } : {};
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata(random, namespace), ...data };
}

function changeConfigMap(random: Random): Change {
  const key = pick(random, ['a', 'b', 'c', 'd', 'e']);
  const value = maybe(random, 0.3) ? undefined : pick(random, ['1', '2', '3']);
  return {
    describe: `data.${key} = ${value}`,
    change: (object) => {
      const { [key]: _old, ...rest } = (object['data'] ?? {}) as Record<string, string>;
      object['data'] = value === undefined ? rest : { ...rest, [key]: value };
    },
  };
}

function service(random: Random, namespace: string): KubernetesObject {
  const ports = ['80/TCP', '53/TCP', '53/UDP', '443/TCP']
    .filter(() => maybe(random, 0.5))
    .map((text) => portOf(random, text));
  const selector = maybe(random, 0.5) ? { selector: values(random, ['app', 'tier']) } : {};
  return { apiVersion: 'v1', kind: 'Service', metadata: metadata(random, namespace), spec: { ports, ...selector } };
}

function portOf(random: Random, text: string): Record<string, unknown> {
  const [port = '', protocol] = text.split('/');
  const said = protocol === 'UDP' || maybe(random, 0.5) ? { protocol } : {};
  const target = maybe(random, 0.4) ? { targetPort: pick(random, [8080, 8081, 'web']) } : {};
  return { name: `p${port}${protocol?.toLowerCase()}`, port: Number(port), ...said, ...target };
}

function changeService(random: Random): Change {
  const app = pick(random, ['1', '2', '3']);
  const remove = maybe(random, 0.3);
  return {
    describe: `selector.app = ${app}${remove ? ', first port removed' : ''}`,
    change: (object) => {
      const spec = object['spec'] as { ports?: unknown[]; selector?: Record<string, string> };
      spec.selector = { ...spec.selector, app };
      if (remove && (spec.ports?.length ?? 0) > 1) spec.ports?.shift();
    },
  };
}

function deployment(random: Random, namespace: string): KubernetesObject {
  const labels = { app: 'subject' };
  const containers = ['app', 'side', 'helper']
    .filter(() => maybe(random, 0.6))
    .map((name) => containerOf(random, name));
  if (maybe(random, 0.2)) containers.reverse();
  const volumes = subset(random, ['v1', 'v2']).map((name) => ({ name, emptyDir: {} }));
  const template = { metadata: { labels }, spec: { containers, ...(volumes.length > 0 ? { volumes } : {}) } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(random, namespace),
    spec: {
      selector: { matchLabels: labels },
      template,
      ...(maybe(random, 0.4) ? { replicas: pick(random, [1, 2, 3]) } : {}),
      ...(maybe(random, 0.3) ? { minReadySeconds: pick(random, [5, 6]) } : {}),
    },
  };
}

function containerOf(random: Random, name: string): Record<string, unknown> {
  const env = subset(random, ['A', 'B', 'C']).map((key) => ({ name: key, value: pick(random, ['1', '2']) }));
  const ports = subset(random, ['80/TCP', '53/UDP']).map((text) => {
    const [containerPort, protocol] = text.split('/');
    return { containerPort: Number(containerPort), ...(protocol === 'UDP' || maybe(random, 0.5) ? { protocol } : {}) };
  });
  return {
    name,
    ...(maybe(random, 0.85) ? { image: pick(random, ['image:1', 'image:2']) } : {}),
    ...(maybe(random, 0.5) ? { env } : {}),
    ...(maybe(random, 0.5) ? { ports } : {}),
    ...(maybe(random, 0.3) ? { args: subset(random, ['-a', '-b']) } : {}),
    ...(maybe(random, 0.3) ? { workingDir: pick(random, ['/x', '/y']) } : {}),
    ...(maybe(random, 0.3) ? { resources: { limits: values(random, ['cpu', 'memory']) } } : {}),
  };
}

function changeDeployment(random: Random): Change {
  const image = pick(random, ['image:1', 'image:2', 'image:3']);
  const replicas = pick(random, [1, 2, 4]);
  const kind = pick(random, ['image', 'replicas', 'add', 'remove', 'environment']);
  return {
    describe: `${kind} ${image} ${replicas}`,
    change: (object) => {
      const spec = object['spec'] as {
        replicas: number;
        template: { spec: { containers: Record<string, unknown>[] } };
      };
      const { containers } = spec.template.spec;
      const first = containers[0] ?? {};
      if (kind === 'image') first['image'] = image;
      if (kind === 'replicas') spec.replicas = replicas;
      if (kind === 'add' && !containers.some(({ name }) => name === 'side')) containers.push({ name: 'side', image });
      if (kind === 'remove' && containers.length > 1) containers.pop();
      if (kind === 'environment')
        first['env'] = [...((first['env'] as unknown[]) ?? []).slice(1), { name: `N${replicas}`, value: image }];
    },
  };
}
