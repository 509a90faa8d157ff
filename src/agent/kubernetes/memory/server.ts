import { randomUUID } from 'node:crypto';
import { type KubernetesObject, type ObjectReference, referenceOf } from '#libs/kubernetes/object';
import { cloneJson } from '#libs/kubernetes/ssa/value';
import { KubernetesError, type KindReference } from '../port';
import { type Clock, systemClock, timestamp } from './clock';
import { Controllers, defaultControllerOptions } from './controllers';
import { establishedStatus, kindsOfDefinition } from './custom-resources';
import { type DeletionContext, deleteObject, finishDeletion, isTerminating } from './deletion';
import { kindNotServed, namespaceRequired, objectNotFound } from './errors';
import { KindRegistry, type ServedKind } from './kinds';
import type { MemoryKubernetesOptions } from './options';
import { ObjectStore } from './store';
import { withStatus, type Write } from './write';

const controllerManager = 'kube-controller-manager';

/** One cluster: its objects and kinds, and what happens in it when one is written. Everything here is immediate. */
export class MemoryServer {
  readonly store: ObjectStore;
  readonly kinds = new KindRegistry();
  readonly clock: Clock;
  readonly controllers: Controllers | undefined;
  private readonly newUid: () => string;
  private readonly deletion: DeletionContext;
  private readonly establishing = new Set<() => void>();

  constructor(private readonly options: MemoryKubernetesOptions) {
    this.store = new ObjectStore(options.changed);
    this.clock = options.clock ?? systemClock;
    this.newUid = options.newUid ?? randomUUID;
    this.deletion = {
      store: this.store,
      time: () => timestamp(this.clock),
      removed: (object) => this.afterRemoval(object),
    };
    if (options.controllers) {
      const chosen = { ...defaultControllerOptions, ...(options.controllers === true ? {} : options.controllers) };
      this.controllers = new Controllers(
        chosen,
        this.clock,
        (object, status) => this.writeStatus(referenceOf(object), status, controllerManager),
        (object) => this.store.get(referenceOf(object)),
      );
    }
    if (options.restore === undefined) {
      for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) this.addNamespace(name);
    } else {
      this.store.restore(options.restore);
      for (const object of options.restore) this.afterWrite(referenceOf(object), object);
    }
  }

  servedKind(kind: KindReference): ServedKind {
    const served = this.kinds.find(kind);
    if (!served) throw kindNotServed(kind);
    return served;
  }

  /** A write as `created`, `applied` and `replaced` take it, with what is there now. */
  prepare(sent: KubernetesObject, manager: string): Write {
    const reference = referenceOf(sent);
    const kind = this.servedKind(reference);
    const live = this.store.get(reference);
    const versioned = live && live.apiVersion !== sent.apiVersion ? { ...live, apiVersion: sent.apiVersion } : live;
    if (kind.namespaced && reference.namespace === '') throw namespaceRequired(reference);
    if (!live && kind.namespaced) this.checkNamespace(reference.namespace);
    return { kind, reference, live: versioned, sent, manager, time: timestamp(this.clock), newUid: this.newUid };
  }

  /** Stores the outcome of a write; false where it changes nothing. */
  commit(write: Write, outcome: KubernetesObject): boolean {
    if (outcome === write.live) return false;
    const stored = this.store.put(write.reference, outcome);
    this.afterWrite(write.reference, stored);
    finishDeletion(this.deletion, write.reference);
    return true;
  }

  delete(reference: ObjectReference, propagation?: 'Background' | 'Foreground' | 'Orphan'): void {
    deleteObject(this.deletion, reference, propagation);
  }

  writeStatus(reference: ObjectReference, status: unknown, manager: string): void {
    const kind = this.servedKind(reference);
    const live = this.store.get(reference);
    if (!live) throw objectNotFound(kind, reference.name);
    const write = { kind, reference, live, sent: live, manager, time: timestamp(this.clock), newUid: this.newUid };
    const outcome = withStatus(write, cloneJson(status));
    if (outcome === live) return;
    const stored = this.store.put(reference, outcome);
    if (manager !== controllerManager) this.controllers?.observe(stored);
  }

  stop(): void {
    this.controllers?.stop();
    for (const cancel of this.establishing) cancel();
    this.establishing.clear();
  }

  private checkNamespace(name: string): void {
    const namespace = this.store.get({ group: '', kind: 'Namespace', namespace: '', name });
    if (!namespace) throw new KubernetesError('notFound', `namespaces "${name}" not found`, { status: 404 });
    if (isTerminating(namespace)) {
      throw new KubernetesError('notFound', `namespace "${name}" is being terminated`, { status: 403 });
    }
  }

  private addNamespace(name: string): void {
    const reference = { group: '', version: 'v1', kind: 'Namespace', namespace: '', name };
    this.store.put(reference, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name,
        uid: this.newUid(),
        creationTimestamp: timestamp(this.clock),
        labels: { 'kubernetes.io/metadata.name': name },
      },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  }

  private afterWrite(reference: ObjectReference, stored: KubernetesObject): void {
    if (isDefinition(stored)) this.establish(reference, stored);
    this.controllers?.observe(stored);
  }

  private establish(reference: ObjectReference, definition: KubernetesObject): void {
    const serve = () => {
      if (this.store.get(reference)?.metadata.uid !== definition.metadata.uid) return;
      this.kinds.withdraw(definition.metadata.name);
      this.kinds.serve(kindsOfDefinition(definition));
      if (definition['status'] !== undefined) return;
      this.writeStatus(reference, establishedStatus(definition, timestamp(this.clock)), 'kube-apiserver');
    };
    const delayMs = this.options.establishAfterMs ?? 0;
    if (delayMs <= 0) return serve();
    const cancel = this.clock.after(delayMs, () => {
      this.establishing.delete(cancel);
      serve();
    });
    this.establishing.add(cancel);
  }

  private afterRemoval(object: KubernetesObject): void {
    this.controllers?.forget(object);
    if (!isDefinition(object)) return;
    for (const kind of this.kinds.withdraw(object.metadata.name)) {
      for (const instance of this.store.list(kind)) this.store.remove(referenceOf(instance));
    }
  }
}

function isDefinition(object: KubernetesObject): boolean {
  return object.kind === 'CustomResourceDefinition' && object.apiVersion.startsWith('apiextensions.k8s.io/');
}
