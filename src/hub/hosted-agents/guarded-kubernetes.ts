import type { KubernetesObject, ObjectReference } from '#libs/kubernetes/object';
import {
  type ApplyOptions,
  type DeleteOptions,
  type KubernetesApi,
  KubernetesError,
  type KindReference,
  type ListOptions,
  type ObjectHeads,
  type ServedResource,
  type WatchEvent,
  type WatchOptions,
  type WriteOptions,
} from '#src/agent/kubernetes/port';
import type { Breaker } from './breaker';

interface Connection {
  api: KubernetesApi;
  inFlight: number;
}

/** A cluster behind a breaker of its own, whose connection may be exchanged under the agent that uses it. */
export class GuardedKubernetes implements KubernetesApi {
  private connection: Connection;

  /** @param onTrouble the cluster does not answer, or not to this credential; undefined: it does again */
  constructor(
    api: KubernetesApi,
    private readonly breaker: Breaker,
    private readonly onTrouble: (message: string | undefined) => void,
  ) {
    this.connection = { api, inFlight: 0 };
  }

  /** Calls from now on go by this one; the former is closed after the last of its calls. */
  exchange(api: KubernetesApi): void {
    const former = this.connection;
    this.connection = { api, inFlight: 0 };
    if (former.inFlight === 0) void former.api.close();
  }

  serverVersion(): Promise<string> {
    return this.call((api) => api.serverVersion());
  }

  resourceOf(kind: KindReference): Promise<ServedResource | undefined> {
    return this.call((api) => api.resourceOf(kind));
  }

  get(reference: ObjectReference): Promise<KubernetesObject | undefined> {
    return this.call((api) => api.get(reference));
  }

  list(kind: KindReference, options?: ListOptions): Promise<KubernetesObject[]> {
    return this.call((api) => api.list(kind, options));
  }

  heads(kind: KindReference, options?: ListOptions): Promise<ObjectHeads> {
    return this.call((api) => api.heads(kind, options));
  }

  /** One that goes on is ended with its connection, and begins anew by the next one. */
  watch(kind: KindReference, options: WatchOptions, onEvent: (event: WatchEvent) => void): Promise<void> {
    return this.call((api) => api.watch(kind, options, onEvent));
  }

  apply(object: KubernetesObject, options: ApplyOptions): Promise<KubernetesObject> {
    return this.call((api) => api.apply(object, options));
  }

  create(object: KubernetesObject, options?: WriteOptions): Promise<KubernetesObject> {
    return this.call((api) => api.create(object, options));
  }

  replace(object: KubernetesObject, options?: WriteOptions): Promise<KubernetesObject> {
    return this.call((api) => api.replace(object, options));
  }

  delete(reference: ObjectReference, options: DeleteOptions): Promise<void> {
    return this.call((api) => api.delete(reference, options));
  }

  close(): Promise<void> {
    return this.connection.api.close();
  }

  private async call<T>(work: (api: KubernetesApi) => Promise<T>): Promise<T> {
    const waitMs = this.breaker.admit();
    if (waitMs > 0) {
      const message = 'the cluster has not answered several times; it is tried again shortly';
      throw new KubernetesError('unavailable', message, { retryAfterMs: Math.ceil(waitMs) });
    }
    const { connection } = this;
    connection.inFlight += 1;
    try {
      const answer = await work(connection.api);
      this.answered();
      return answer;
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble === undefined) this.answered();
      else this.failed(connection === this.connection ? trouble : undefined);
      throw error;
    } finally {
      connection.inFlight -= 1;
      if (connection !== this.connection && connection.inFlight === 0) void connection.api.close();
    }
  }

  private answered(): void {
    const wasFailing = this.breaker.failures > 0;
    this.breaker.succeeded();
    if (wasFailing) this.onTrouble(undefined);
  }

  /** Once is no trouble: a kept connection may have been closed. */
  private failed(message: string | undefined): void {
    this.breaker.failed();
    if (message !== undefined && this.breaker.failures > 1) this.onTrouble(message);
  }
}

/** What stands between us and the cluster as such, rather than with one call. */
export function troubleOf(error: unknown): string | undefined {
  if (!(error instanceof KubernetesError)) return undefined;
  const { errorClass, message, details } = error;
  if (errorClass === 'unauthorized') {
    return `the cluster does not take the hub's credential (${message}): run \`flotilla cluster add\` again`;
  }
  const isUnreachable = (errorClass === 'unavailable' || errorClass === 'timeout') && details.status === undefined;
  return isUnreachable ? `the cluster cannot be reached: ${message}` : undefined;
}
