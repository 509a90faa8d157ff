import type { KubernetesObject, ObjectReference } from '#libs/kubernetes/object';
import { KubernetesError, type KindReference, type WatchEvent, type WatchOptions } from '../port';
import type { Faults } from './faults';

interface Change {
  revision: number;
  reference: Pick<ObjectReference, 'group' | 'kind'>;
  before: KubernetesObject | undefined;
  after: KubernetesObject | undefined;
}

const maxChanges = 256;

/** The last changes of a cluster, for watches that go on where they were. */
export class History {
  private changes: Change[] = [];
  private readonly listeners = new Set<(change: Change) => void>();

  /** @param since changes up to this revision are not known */
  constructor(private since: number) {}

  record(change: Change): void {
    this.changes.push(change);
    if (this.changes.length > maxChanges) this.since = this.changes.shift()!.revision;
    for (const listener of [...this.listeners]) listener(change);
  }

  /** As a server does after a few minutes: watches from before now have to begin anew. */
  forget(): void {
    this.since = this.changes.at(-1)?.revision ?? this.since;
    this.changes = [];
  }

  /** Undefined where what came after the revision is no longer known. */
  after(revision: number): Change[] | undefined {
    return revision < this.since ? undefined : this.changes.filter((change) => change.revision > revision);
  }

  listen(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

/** Tells what is known and what comes, until the signal or a fault ends it. */
export function watchHistory(
  history: History,
  { group, kind }: KindReference,
  matches: (labels: Record<string, string>) => boolean,
  { resourceVersion, signal }: WatchOptions,
  onEvent: (event: WatchEvent) => void,
  faults: Faults,
): { promise: Promise<void> } {
  const past = history.after(Number(resourceVersion));
  if (past === undefined) throw new KubernetesError('unavailable', 'too old resource version', { status: 410 });
  const tell = ({ reference, before, after, revision }: Change): void => {
    if (reference.group !== group || reference.kind !== kind) return;
    const was = before !== undefined && matches(before.metadata.labels ?? {});
    const is = after !== undefined && matches(after.metadata.labels ?? {});
    if (is) onEvent({ type: was ? 'modified' : 'added', head: { metadata: after.metadata } });
    else if (was) {
      const metadata = { ...before.metadata, resourceVersion: String(revision) };
      onEvent({ type: 'deleted', head: { metadata } });
    }
  };
  const promise = new Promise<void>((resolve, reject) => {
    for (const change of past) tell(change);
    const done = (): void => {
      stopListening();
      stopFaults();
      signal.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      done();
      resolve();
    };
    const stopListening = history.listen(tell);
    const stopFaults = faults.watching((error) => {
      done();
      reject(error);
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  // Not awaited by the request itself, which is over once the watch is open.
  promise.catch(() => undefined);
  return { promise };
}
