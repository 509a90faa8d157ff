import { type KubernetesObject, type ObjectReference, referenceOf } from '#libs/kubernetes/object';
import { parseLabelSelector } from '#libs/kubernetes/label-selector';
import { cloneJson } from '#libs/kubernetes/ssa/value';
import {
  type ApplyOptions,
  type DeleteOptions,
  KubernetesError,
  type KindReference,
  type ListOptions,
  type ObjectHeads,
  type ServedResource,
  type WatchEvent,
  type WatchOptions,
  type WriteOptions,
} from '../port';
import { namespaceRequired, otherUid } from './errors';
import { Faults, type Operation, type Verb } from './faults';
import type { MemoryKubernetes } from './memory-kubernetes';
import type { MemoryKubernetesOptions } from './options';
import type { MemoryServer } from './server';
import { watchHistory } from './history';
import { applied, created, replaced, type Write } from './write';

const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const defaultManager = 'flotilla';

/** The port over one in-memory cluster: latency, faults, authorization and limits, then the immediate server. */
export class MemoryApi implements MemoryKubernetes {
  readonly faults: Faults;
  private closed = false;

  constructor(
    private readonly server: MemoryServer,
    private readonly options: MemoryKubernetesOptions,
  ) {
    this.faults = new Faults(server.clock, options.latencyMs ?? (() => 0));
  }

  serverVersion(): Promise<string> {
    return this.request('version', emptyReference, {}, () => this.options.serverVersion ?? 'v1.36.3');
  }

  resourceOf(kind: KindReference): Promise<ServedResource | undefined> {
    return this.request('discover', { ...emptyReference, ...kind }, {}, () => {
      const served = this.server.kinds.find(kind);
      return served && { resource: served.resource, namespaced: served.namespaced, verbs: [...allVerbs] };
    });
  }

  get(reference: ObjectReference): Promise<KubernetesObject | undefined> {
    return this.request('get', reference, {}, () => this.read(this.addressed(reference)));
  }

  list(kind: KindReference, options: ListOptions = {}): Promise<KubernetesObject[]> {
    const reference = { ...emptyReference, ...kind, namespace: options.namespace ?? '' };
    return this.request('list', reference, {}, () => {
      const served = this.server.servedKind(kind);
      const selector = parseLabelSelector(options.labelSelector ?? '');
      if (!selector.ok) throw new KubernetesError('invalid', selector.error, { status: 400 });
      const namespace = served.namespaced ? options.namespace : undefined;
      const found = this.server.store
        .list(kind, namespace)
        .filter((object) => selector.matches(object.metadata.labels ?? {}));
      const maxObjects = options.maxObjects ?? 50_000;
      if (found.length > maxObjects) {
        throw new KubernetesError(
          'tooLarge',
          `more than ${maxObjects} ${served.resource}: narrow the list by namespace or labelSelector`,
        );
      }
      return found.map((object) => cloneJson(versioned(object, kind)));
    });
  }

  heads(kind: KindReference, options: ListOptions = {}): Promise<ObjectHeads> {
    const { store } = this.server;
    store.watchable();
    return this.list(kind, options).then((objects) => ({
      resourceVersion: store.resourceVersion,
      heads: objects.map(({ metadata }) => ({ metadata })),
    }));
  }

  async watch(kind: KindReference, options: WatchOptions, onEvent: (event: WatchEvent) => void): Promise<void> {
    const selector = parseLabelSelector(options.labelSelector ?? '');
    if (!selector.ok) throw new KubernetesError('invalid', selector.error, { status: 400 });
    const ended = await this.request('watch', { ...emptyReference, ...kind }, {}, () => {
      this.server.servedKind(kind);
      return watchHistory(this.server.store.watchable(), kind, selector.matches, options, onEvent, this.faults);
    });
    await ended.promise;
  }

  apply(object: KubernetesObject, options: ApplyOptions): Promise<KubernetesObject> {
    return this.write('apply', object, options, (write) => applied(write, options.force));
  }

  create(object: KubernetesObject, options: WriteOptions = {}): Promise<KubernetesObject> {
    return this.write('create', object, options, created);
  }

  replace(object: KubernetesObject, options: WriteOptions = {}): Promise<KubernetesObject> {
    return this.write('replace', object, options, replaced);
  }

  delete(reference: ObjectReference, options: DeleteOptions): Promise<void> {
    return this.request('delete', reference, options, () => {
      const address = this.addressed(reference);
      const live = this.server.store.get(address);
      if (!live) return;
      const { uid = '' } = live.metadata;
      if (uid !== options.uid) throw otherUid(this.server.servedKind(reference), reference.name, options.uid, uid);
      if (options.dryRun) return;
      this.faults.countChange('delete');
      this.server.delete(address, options.propagation);
    });
  }

  close(): Promise<void> {
    this.closed = true;
    this.faults.breakWatches(closedError());
    this.server.stop();
    return Promise.resolve();
  }

  peek(reference: ObjectReference): KubernetesObject | undefined {
    return this.read(reference);
  }

  objects(): KubernetesObject[] {
    return [...this.server.store.all()].map(cloneJson);
  }

  writeStatus(reference: ObjectReference, status: unknown, manager = 'kube-controller-manager'): void {
    this.server.writeStatus(reference, status, manager);
  }

  edit(reference: ObjectReference, manager: string, change: (object: KubernetesObject) => void): void {
    const object = this.read(reference);
    if (!object)
      throw new KubernetesError('notFound', `${reference.kind} "${reference.name}" not found`, { status: 404 });
    change(object);
    const write = this.server.prepare(object, manager);
    this.server.commit(write, replaced(write));
  }

  remove(reference: ObjectReference): void {
    this.server.delete(reference);
  }

  busy(): number {
    return this.server.controllers?.busy ?? 0;
  }

  private write(
    verb: Verb,
    object: KubernetesObject,
    options: WriteOptions,
    outcomeOf: (write: Write) => KubernetesObject,
  ): Promise<KubernetesObject> {
    const maxSizeBytes = this.options.maxBodySizeBytes ?? 3 * 1024 * 1024;
    const text = JSON.stringify(object);
    return this.request(verb, referenceOf(object), options, () => {
      if (Buffer.byteLength(text) > maxSizeBytes) {
        throw new KubernetesError('tooLarge', `the request is larger than ${maxSizeBytes} bytes`, { status: 413 });
      }
      const write = this.server.prepare(JSON.parse(text) as KubernetesObject, options.fieldManager ?? defaultManager);
      const outcome = outcomeOf(write);
      if (options.dryRun) return cloneJson(outcome);
      if (this.server.commit(write, outcome)) this.faults.countChange(verb);
      return cloneJson(versioned(this.server.store.get(write.reference) ?? outcome, write.reference));
    });
  }

  /** One request: counted, delayed, failed or refused as told, then done at once. */
  private async request<T>(verb: Verb, reference: ObjectReference, options: WriteOptions, work: () => T): Promise<T> {
    const operation: Operation = {
      verb,
      reference,
      dryRun: options.dryRun ?? false,
      ...(options.as ? { as: options.as } : {}),
    };
    this.checkOpen();
    await this.faults.before(operation);
    this.checkOpen();
    const refusal = this.options.authorize?.(operation);
    if (refusal !== undefined) throw new KubernetesError('forbidden', refusal, { status: 403 });
    const answer = work();
    this.faults.after(operation);
    return answer;
  }

  private checkOpen(): void {
    if (this.closed) throw closedError();
  }

  private read(reference: ObjectReference): KubernetesObject | undefined {
    const object = this.server.store.get(reference);
    return object && cloneJson(versioned(object, reference));
  }

  /** The reference as it is stored: a cluster-scoped kind has no namespace, a namespaced one must have it. */
  private addressed(reference: ObjectReference): ObjectReference {
    const kind = this.server.servedKind(reference);
    if (!kind.namespaced) return { ...reference, namespace: '' };
    if (reference.namespace !== '') return reference;
    throw namespaceRequired(reference);
  }
}

function closedError(): KubernetesError {
  return new KubernetesError('unavailable', 'the connection to this cluster is closed');
}

const emptyReference: ObjectReference = { group: '', version: '', kind: '', namespace: '', name: '' };

function versioned(object: KubernetesObject, kind: Pick<KindReference, 'group' | 'version'>): KubernetesObject {
  const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}
