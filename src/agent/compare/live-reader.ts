import { type KubernetesObject, objectKey, type ObjectReference, referenceOf } from '#libs/kubernetes/object';
import { applicationLabel } from '#libs/kubernetes/our-metadata';
import type { Shared } from '../reconcile/context';

type Listed = ReadonlyMap<string, KubernetesObject> | undefined;

/**
 * Live objects for one round of looking: one list for each kind, whatever the number of applications, and a single read
 * where the list does not help. A list that failed, or does not hold an object, proves nothing: only a read of the object
 * itself does.
 */
export class LiveReader {
  private readonly lists = new Map<string, Promise<Listed>>();

  constructor(
    private readonly shared: Pick<Shared, 'kubernetes' | 'calls'>,
    /** Name of the application that the lists are narrowed to. */
    private readonly application?: string,
    /** No lists: for few objects. */
    private readonly isSingle = false,
  ) {}

  /** Undefined only for what is really not there. Throws `KubernetesError` when that cannot be told. */
  async find(reference: ObjectReference): Promise<KubernetesObject | undefined> {
    if (this.isSingle) return this.read(reference);
    const { group, version, kind } = reference;
    const name = `${group}/${version}/${kind}`;
    let list = this.lists.get(name);
    if (list === undefined) this.lists.set(name, (list = this.list({ group, version, kind })));
    return (await list)?.get(objectKey(reference)) ?? this.read(reference);
  }

  async read(reference: ObjectReference): Promise<KubernetesObject | undefined> {
    return this.shared.calls(() => this.shared.kubernetes.get(reference));
  }

  private async list(kind: Pick<ObjectReference, 'group' | 'version' | 'kind'>): Promise<Listed> {
    const labelSelector = this.application === undefined ? applicationLabel : `${applicationLabel}=${this.application}`;
    try {
      const objects = await this.shared.calls(() => this.shared.kubernetes.list(kind, { labelSelector }));
      return new Map(objects.map((object) => [objectKey(referenceOf(object)), object]));
    } catch {
      return undefined;
    }
  }
}
