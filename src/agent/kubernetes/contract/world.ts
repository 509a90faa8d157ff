import type { KubernetesObject, ObjectReference } from '#libs/kubernetes/object';
import { type FieldConflict, type KubernetesApi, KubernetesError, type KubernetesErrorClass } from '../port';

/** What the contract's cases share: the API, fresh names, and short ways to say common things. */
export class ContractWorld {
  private counter = 0;
  private readonly run = Date.now().toString(36);
  namespace = 'default';

  constructor(readonly api: KubernetesApi) {}

  /** A name that nothing had before: namespaces take a while to go. */
  fresh(prefix: string): string {
    this.counter += 1;
    return `${prefix}-${this.run}-${this.counter}`;
  }

  async enterFreshNamespace(): Promise<void> {
    const name = this.fresh('contract');
    await this.api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    this.namespace = name;
  }

  configMap(name: string, data?: Record<string, string>, metadata: object = {}): KubernetesObject {
    const object: KubernetesObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: this.namespace, ...metadata },
    };
    return data ? { ...object, data } : object;
  }

  deployment(name: string, spec: Record<string, unknown> = {}, containers?: unknown[]): KubernetesObject {
    const labels = { app: name };
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: this.namespace },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: containers ?? [{ name: 'app', image: 'app:1' }] } },
        ...spec,
      },
    };
  }

  service(name: string, ports: unknown[]): KubernetesObject {
    const metadata = { name, namespace: this.namespace };
    return { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: { app: name }, ports } };
  }

  apply(manager: string, object: KubernetesObject, force = false): Promise<KubernetesObject> {
    return this.api.apply(object, { fieldManager: manager, force });
  }

  ref(kind: 'ConfigMap' | 'Namespace' | 'Secret', name: string): ObjectReference {
    return { group: '', version: 'v1', kind, namespace: kind === 'Namespace' ? '' : this.namespace, name };
  }
}

/** The error that a promise ends with; anything else fails the test. */
export async function errorOf(promise: Promise<unknown>): Promise<KubernetesError> {
  const outcome = await promise.then(
    (value: unknown) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!('error' in outcome)) throw new Error(`expected an error, got ${JSON.stringify(outcome.value)}`);
  expect(outcome.error).toBeInstanceOf(KubernetesError);
  return outcome.error as KubernetesError;
}

export async function expectClass(
  promise: Promise<unknown>,
  errorClass: KubernetesErrorClass,
): Promise<KubernetesError> {
  const error = await errorOf(promise);
  expect({ class: error.errorClass, message: error.message }).toEqual({ class: errorClass, message: error.message });
  return error;
}

export function sortedConflicts(error: KubernetesError): FieldConflict[] {
  return [...(error.details.conflicts ?? [])].sort((left, right) =>
    `${left.manager} ${left.field}` < `${right.manager} ${right.field}` ? -1 : 1,
  );
}

/** What one manager owns, by operation. */
export function ownedBy(object: KubernetesObject, manager: string, operation = 'Apply'): unknown {
  return object.metadata.managedFields?.find((entry) => entry.manager === manager && entry.operation === operation)
    ?.fieldsV1;
}

export function specOf(object: KubernetesObject): Record<string, unknown> {
  return object['spec'] as Record<string, unknown>;
}

export function containersOf(object: KubernetesObject): Record<string, unknown>[] {
  const template = specOf(object)['template'] as { spec: { containers: Record<string, unknown>[] } };
  return template.spec.containers;
}

/** Asks until the answer is there: a real server does some things a moment later. */
export async function eventually<T>(ask: () => Promise<T | undefined | false>, timeoutMs = 20_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error('what was waited for did not happen');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
