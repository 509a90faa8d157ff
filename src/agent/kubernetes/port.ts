import type { KubernetesErrorClass } from '#libs/kubernetes/error-class';
import type { KubernetesObject, ObjectReference } from '#libs/kubernetes/object';

/**
 * The Kubernetes API as the agent uses it. Two implementations pass one contract test: `real` on
 * `@kubernetes/client-node`, and `memory`, which has true server-side-apply ownership, latency and faults.
 * Every method throws `KubernetesError` and nothing else.
 */
export interface KubernetesApi {
  /** As the server says it, for example `v1.36.3`. */
  serverVersion(): Promise<string>;
  /** How a kind is served, from discovery; undefined where the server does not serve it (yet). Asks again after a miss. */
  resourceOf(kind: KindReference): Promise<ServedResource | undefined>;
  get(reference: ObjectReference): Promise<KubernetesObject | undefined>;
  /** All objects of the kind, paged by the implementation; `namespace` and `labelSelector` narrow it. */
  list(kind: KindReference, options?: ListOptions): Promise<KubernetesObject[]>;
  /** What identifies the objects of a kind, without their contents, and where a watch goes on from. */
  heads(kind: KindReference, options?: ListOptions): Promise<ObjectHeads>;
  /**
   * Tells what becomes of objects after a resource version, also when one begins or ceases to fit the selector. Resolves
   * when the server ends it, as it does every few minutes, or the signal is aborted. Fails with `details.status` 410 when
   * the server has forgotten that version: then `heads` gives another one.
   */
  watch(kind: KindReference, options: WatchOptions, onEvent: (event: WatchEvent) => void): Promise<void>;
  /** Server-side apply of exactly the given fields; the answer is the object as the server holds it (or would, if `dryRun`). */
  apply(object: KubernetesObject, options: ApplyOptions): Promise<KubernetesObject>;
  /** Fails with `alreadyExists`. */
  create(object: KubernetesObject, options?: WriteOptions): Promise<KubernetesObject>;
  /** PUT; with `metadata.resourceVersion` set it is a compare-and-swap that fails with `conflict`. */
  replace(object: KubernetesObject, options?: WriteOptions): Promise<KubernetesObject>;
  /** Deletes only the object with this UID; a missing object is no error, another UID fails with `conflict`. */
  delete(reference: ObjectReference, options: DeleteOptions): Promise<void>;
  /** Ends connections; calls after it fail with `unavailable`. */
  close(): Promise<void>;
}

export interface KindReference {
  group: string;
  version: string;
  kind: string;
}

export interface ServedResource {
  /** Plural, as in the path: `deployments`. */
  resource: string;
  namespaced: boolean;
  verbs: string[];
}

export interface ListOptions {
  namespace?: string;
  labelSelector?: string;
  /** Fails with `tooLarge` when there are more; 50,000 unless told. */
  maxObjects?: number;
}

export type ObjectHead = Pick<KubernetesObject, 'metadata'>;

export interface ObjectHeads {
  resourceVersion: string;
  heads: ObjectHead[];
}

export interface WatchOptions {
  labelSelector?: string;
  resourceVersion: string;
  signal: AbortSignal;
}

/** A `bookmark` only moves the resource version on. */
export type WatchEvent =
  { type: 'added' | 'modified' | 'deleted'; head: ObjectHead } | { type: 'bookmark'; resourceVersion: string };

export interface WriteOptions {
  dryRun?: boolean;
  fieldManager?: string;
  /** Impersonated user, for example `system:serviceaccount:flotilla-system:flotilla-platform`. */
  as?: string;
}

export interface ApplyOptions extends WriteOptions {
  fieldManager: string;
  /** Take fields that other managers own; without it a foreign owner fails with `conflict` and its `conflicts`. */
  force: boolean;
}

export interface DeleteOptions extends WriteOptions {
  uid: string;
  propagation?: 'Background' | 'Foreground' | 'Orphan';
}

export type { KubernetesErrorClass };

export interface FieldConflict {
  manager: string;
  /** As the server names it: `.spec.replicas`. */
  field: string;
}

export class KubernetesError extends Error {
  override readonly name = 'KubernetesError';

  constructor(
    readonly errorClass: KubernetesErrorClass,
    message: string,
    readonly details: { status?: number; retryAfterMs?: number; conflicts?: FieldConflict[]; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
  }
}
