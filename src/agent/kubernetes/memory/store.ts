import { type KubernetesObject, type ObjectReference, referenceOf } from '#libs/kubernetes/object';
import { History } from './history';
import { KindRegistry } from './kinds';
import { withSharedFields } from './shared-fields';

/** The objects of one cluster. What is in it is never changed in place: each write puts a new value. */
export class ObjectStore {
  private readonly collections = new Map<string, Map<string, KubernetesObject>>();
  private revision = 1;
  /** Made by the first who watches: clusters that nobody watches keep no history. */
  history: History | undefined;

  /** @param changed called after each change */
  constructor(private readonly changed: () => void = () => undefined) {}

  /** Puts objects back as they were, resource versions and all. */
  restore(objects: readonly KubernetesObject[]): void {
    for (const object of objects) {
      const reference = referenceOf(object);
      this.collectionOf(reference).set(`${reference.namespace}/${reference.name}`, object);
      this.revision = Math.max(this.revision, Number(object.metadata.resourceVersion));
    }
  }

  get(reference: Pick<ObjectReference, 'group' | 'kind' | 'namespace' | 'name'>): KubernetesObject | undefined {
    return this.collections.get(KindRegistry.storeKey(reference))?.get(`${reference.namespace}/${reference.name}`);
  }

  /** Puts the object under the next resource version, which it gives it. */
  put(reference: ObjectReference, object: KubernetesObject): KubernetesObject {
    const metadata = { ...withSharedFields(object.metadata), resourceVersion: this.nextRevision() };
    const stored = { ...object, metadata };
    const key = `${reference.namespace}/${reference.name}`;
    const collection = this.collectionOf(reference);
    this.history?.record({ revision: this.revision, reference, before: collection.get(key), after: stored });
    collection.set(key, stored);
    this.changed();
    return stored;
  }

  remove(reference: ObjectReference): void {
    this.nextRevision();
    const key = `${reference.namespace}/${reference.name}`;
    const collection = this.collections.get(KindRegistry.storeKey(reference));
    this.history?.record({ revision: this.revision, reference, before: collection?.get(key), after: undefined });
    collection?.delete(key);
    this.changed();
  }

  /** Of the last change. */
  get resourceVersion(): string {
    return String(this.revision);
  }

  watchable(): History {
    return (this.history ??= new History(this.revision));
  }

  /** In the order of namespace and name, as a real server lists. */
  list(kind: Pick<ObjectReference, 'group' | 'kind'>, namespace?: string): KubernetesObject[] {
    const entries = [...(this.collections.get(KindRegistry.storeKey(kind)) ?? [])];
    return entries
      .filter(([key]) => namespace === undefined || key.startsWith(`${namespace}/`))
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([, object]) => object);
  }

  /** Every object, in no order that means anything. */
  *all(): Generator<KubernetesObject> {
    for (const collection of this.collections.values()) yield* [...collection.values()];
  }

  private collectionOf(kind: Pick<ObjectReference, 'group' | 'kind'>): Map<string, KubernetesObject> {
    const key = KindRegistry.storeKey(kind);
    let collection = this.collections.get(key);
    if (!collection) this.collections.set(key, (collection = new Map()));
    return collection;
  }

  private nextRevision(): string {
    this.revision += 1;
    return String(this.revision);
  }
}
