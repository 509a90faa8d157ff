import { apiVersionOf, type KubernetesObject, type ObjectReference, referenceOf } from '#libs/kubernetes/object';
import {
  type ApplyOptions,
  type DeleteOptions,
  type KubernetesApi,
  KubernetesError,
  type KindReference,
  type ListOptions,
  type ObjectHead,
  type ObjectHeads,
  type ServedResource,
  type WatchEvent,
  type WatchOptions,
  type WriteOptions,
} from '../port';
import { Discovery } from './discovery';
import { checkScope, collectionPath, objectPath } from './paths';
import type { ApiRequest, Transport } from './transport';
import { headList, headOfWatch, watchEventOf } from './watch-events';

interface ListPage {
  metadata?: { continue?: string; resourceVersion?: string };
  items?: KubernetesObject[];
}

const pageSize = 500;
const defaultManager = 'flotilla';
/** Then the server ends a watch, and it goes on where it was: load spreads over API servers. */
const watchSeconds = 290;

/** The port over HTTP. */
export class RealApi implements KubernetesApi {
  private readonly discovery: Discovery;

  constructor(private readonly transport: Transport) {
    this.discovery = new Discovery(transport, () => Date.now());
  }

  async serverVersion(): Promise<string> {
    const { gitVersion } = await this.transport.send<{ gitVersion: string }>({ method: 'GET', path: '/version' });
    return gitVersion;
  }

  resourceOf(kind: KindReference): Promise<ServedResource | undefined> {
    return this.discovery.find(kind);
  }

  async get(reference: ObjectReference): Promise<KubernetesObject | undefined> {
    const path = objectPath(reference, await this.discovery.need(reference));
    return this.orMissing(reference, this.transport.send<KubernetesObject>({ method: 'GET', path }));
  }

  async list(kind: KindReference, options: ListOptions = {}): Promise<KubernetesObject[]> {
    const served = await this.discovery.need(kind);
    const path = collectionPath(kind, served, options.namespace);
    try {
      return await this.pages(path, kind, options, served);
    } catch (error) {
      // The server forgot the list that the pages are of: from the beginning, once.
      if (!(error instanceof KubernetesError) || error.details.status !== 410) throw error;
      return this.pages(path, kind, options, served);
    }
  }

  async heads(kind: KindReference, options: ListOptions = {}): Promise<ObjectHeads> {
    const served = await this.discovery.need(kind);
    const path = collectionPath(kind, served, options.namespace);
    const maxObjects = options.maxObjects ?? 50_000;
    const heads: ObjectHead[] = [];
    let resourceVersion = '';
    let next: string | undefined;
    do {
      const query = { labelSelector: options.labelSelector || undefined, limit: String(pageSize), continue: next };
      const page = await this.transport.send<ListPage>({ method: 'GET', path, query, accept: headList });
      for (const { metadata } of page.items ?? []) heads.push({ metadata });
      if (heads.length > maxObjects) {
        throw new KubernetesError('tooLarge', `more than ${maxObjects} ${served.resource}: narrow by labelSelector`);
      }
      resourceVersion = page.metadata?.resourceVersion ?? resourceVersion;
      next = page.metadata?.continue || undefined;
    } while (next !== undefined);
    return { resourceVersion, heads };
  }

  async watch(kind: KindReference, options: WatchOptions, onEvent: (event: WatchEvent) => void): Promise<void> {
    const path = collectionPath(kind, await this.discovery.need(kind), undefined);
    const query = {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: options.resourceVersion,
      labelSelector: options.labelSelector || undefined,
      timeoutSeconds: String(watchSeconds),
    };
    const request: ApiRequest = { method: 'GET', path, query, accept: headOfWatch };
    await this.transport.stream(request, (watchSeconds + 30) * 1_000, options.signal, (line) => {
      const event = watchEventOf(line);
      if (event !== undefined) onEvent(event);
    });
  }

  apply(object: KubernetesObject, options: ApplyOptions): Promise<KubernetesObject> {
    return this.write(object, options, (path, query) => ({
      method: 'PATCH',
      path: path.object,
      query: { ...query, force: String(options.force) },
      contentType: 'application/apply-patch+yaml',
    }));
  }

  create(object: KubernetesObject, options: WriteOptions = {}): Promise<KubernetesObject> {
    return this.write(object, options, (path, query) => ({
      method: 'POST',
      path: path.collection,
      query: { ...query, fieldValidation: 'Strict' },
    }));
  }

  replace(object: KubernetesObject, options: WriteOptions = {}): Promise<KubernetesObject> {
    return this.write(object, options, (path, query) => ({
      method: 'PUT',
      path: path.object,
      query: { ...query, fieldValidation: 'Strict' },
    }));
  }

  async delete(reference: ObjectReference, options: DeleteOptions): Promise<void> {
    const path = objectPath(reference, await this.discovery.need(reference));
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid: options.uid },
      propagationPolicy: options.propagation ?? 'Background',
      ...(options.dryRun ? { dryRun: ['All'] } : {}),
    };
    await this.orMissing(reference, this.transport.send({ method: 'DELETE', path, body, as: options.as }));
  }

  close(): Promise<void> {
    return this.transport.close();
  }

  private async write(
    object: KubernetesObject,
    options: WriteOptions,
    requestOf: (path: { object: string; collection: string }, query: Record<string, string | undefined>) => ApiRequest,
  ): Promise<KubernetesObject> {
    const reference = referenceOf(object);
    const served = await this.discovery.need(reference);
    checkScope(reference, served);
    const path = {
      object: objectPath(reference, served),
      collection: collectionPath(reference, served, reference.namespace),
    };
    const query = { fieldManager: options.fieldManager ?? defaultManager, dryRun: options.dryRun ? 'All' : undefined };
    try {
      return await this.transport.send<KubernetesObject>({ ...requestOf(path, query), body: object, as: options.as });
    } catch (error) {
      if (error instanceof KubernetesError && error.errorClass === 'notFound') this.discovery.forget(reference);
      throw error;
    }
  }

  private async pages(
    path: string,
    kind: KindReference,
    options: ListOptions,
    served: ServedResource,
  ): Promise<KubernetesObject[]> {
    const maxObjects = options.maxObjects ?? 50_000;
    const objects: KubernetesObject[] = [];
    let next: string | undefined;
    do {
      const query = { labelSelector: options.labelSelector || undefined, limit: String(pageSize), continue: next };
      const page = await this.transport.send<ListPage>({ method: 'GET', path, query });
      // Items of a list do not say what they are.
      for (const item of page.items ?? []) objects.push({ ...item, apiVersion: apiVersionOf(kind), kind: kind.kind });
      if (objects.length > maxObjects) {
        const message = `more than ${maxObjects} ${served.resource}: narrow the list by namespace or labelSelector`;
        throw new KubernetesError('tooLarge', message);
      }
      next = page.metadata?.continue || undefined;
    } while (next !== undefined);
    return objects;
  }

  private async orMissing<T>(reference: ObjectReference, answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.errorClass !== 'notFound') throw error;
      this.discovery.forget(reference);
      return undefined;
    }
  }
}
