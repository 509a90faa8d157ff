import { AsyncLocalStorage } from 'node:async_hooks';
import type { Actor } from '#src/hub/access/actor';

/** Of one request, from its first byte to its answer; what is logged and audited on the way carries it. */
export interface RequestContext {
  readonly requestId: string;
  /** Known once the request is authenticated. */
  actor?: Actor;
}

const storage = new AsyncLocalStorage<RequestContext>();

export const requestContext = {
  run: <T>(context: RequestContext, work: () => T): T => storage.run(context, work),
  /** Undefined outside of a request, for example in a stage. */
  current: (): RequestContext | undefined => storage.getStore(),
};

/** Who asks. Throws outside of an authenticated request. */
export function currentActor(): Actor {
  const actor = storage.getStore()?.actor;
  if (actor === undefined) throw new Error('there is no actor outside of an authenticated request');
  return actor;
}
