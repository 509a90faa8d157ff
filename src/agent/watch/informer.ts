import type { ObjectMeta } from '#libs/kubernetes/object';
import type { Logger } from '#src/log/logger';
import { messageOf } from '../errors';
import { type KindReference, type KubernetesApi, KubernetesError, type WatchEvent } from '../kubernetes/port';
import { type AgentRuntime, fullJitterMs, jittered } from '../runtime';
import { fingerprintOf } from './fingerprint';

export interface InformerOptions {
  kubernetes: KubernetesApi;
  kind: KindReference;
  labelSelector: string;
  runtime: AgentRuntime;
  logger: Logger;
  /** `resourceVersion` is undefined where the object is gone. Must not throw. */
  onChange(metadata: Pick<ObjectMeta, 'namespace' | 'name'>, resourceVersion: string | undefined): void;
}

const retryBaseMs = 500;
const retryCapMs = 60_000;
/** Where watching is not allowed, or the kind is not there: full comparisons are what there is, until it is tried again. */
const refusedMs = 300_000;
/** A watch that ends sooner than this has failed, whatever it says. */
const shortMs = 1_000;

/**
 * Follows the objects of one kind: one list, then a watch that goes on where it was. Of each object it keeps a fingerprint
 * of its metadata and nothing else.
 */
export class Informer {
  /** By `namespace/name`. */
  private known: Map<string, string> | undefined;
  private resourceVersion: string | undefined;
  private failures = 0;

  constructor(private readonly options: InformerOptions) {}

  /** Until the signal. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { runtime } = this.options;
    while (!signal.aborted) {
      const beganMs = runtime.monotonicMs();
      const pauseMs = await this.turn(signal).catch((error: unknown) => this.pauseAfter(error, signal));
      if (signal.aborted) return;
      const isShort = runtime.monotonicMs() - beganMs < shortMs;
      const waitMs = pauseMs ?? (isShort ? jittered(shortMs, 0.5, runtime.random) : 0);
      if (waitMs > 0) await runtime.sleep(waitMs, signal);
    }
  }

  private async turn(signal: AbortSignal): Promise<undefined> {
    const { kubernetes, kind, labelSelector } = this.options;
    if (this.resourceVersion === undefined) await this.list();
    const resourceVersion = this.resourceVersion!;
    await kubernetes.watch(kind, { labelSelector, resourceVersion, signal }, (event) => this.take(event));
    this.failures = 0;
    return undefined;
  }

  /** What differs from what was known is told; at the first time, all of it was compared a moment ago. */
  private async list(): Promise<void> {
    const { kubernetes, kind, labelSelector, onChange } = this.options;
    const { heads, resourceVersion } = await kubernetes.heads(kind, { labelSelector });
    const before = this.known;
    const now = new Map<string, string>();
    for (const { metadata } of heads) {
      const key = keyOf(metadata);
      const fingerprint = fingerprintOf(metadata);
      now.set(key, fingerprint);
      if (before !== undefined && before.get(key) !== fingerprint) onChange(metadata, metadata.resourceVersion);
    }
    for (const key of before?.keys() ?? []) {
      const [namespace = '', name = ''] = key.split('/');
      if (!now.has(key)) onChange({ namespace, name }, undefined);
    }
    this.known = now;
    this.resourceVersion = resourceVersion;
  }

  private take(event: WatchEvent): void {
    this.failures = 0;
    if (event.type === 'bookmark') {
      if (event.resourceVersion !== '') this.resourceVersion = event.resourceVersion;
      return;
    }
    const { metadata } = event.head;
    this.resourceVersion = metadata.resourceVersion ?? this.resourceVersion;
    const key = keyOf(metadata);
    if (event.type === 'deleted') {
      this.known?.delete(key);
      this.options.onChange(metadata, undefined);
      return;
    }
    const fingerprint = fingerprintOf(metadata);
    if (this.known?.get(key) === fingerprint) return;
    this.known?.set(key, fingerprint);
    this.options.onChange(metadata, metadata.resourceVersion);
  }

  private pauseAfter(error: unknown, signal: AbortSignal): number {
    const { kind, runtime, logger } = this.options;
    if (signal.aborted) return 0;
    const details = error instanceof KubernetesError ? error.details : {};
    const errorClass = error instanceof KubernetesError ? error.errorClass : undefined;
    // The server has forgotten where we were: from a list on.
    if (details.status === 410) this.resourceVersion = undefined;
    if (errorClass === 'forbidden' || errorClass === 'notFound' || errorClass === 'tooLarge') {
      this.resourceVersion = undefined;
      logger.warn(
        { kind: kind.kind, group: kind.group, error: messageOf(error) },
        'a kind cannot be watched; full comparisons find what changes',
      );
      return jittered(refusedMs, 0.2, runtime.random);
    }
    this.failures += 1;
    logger.debug({ kind: kind.kind, error: messageOf(error), failures: this.failures }, 'a watch begins anew');
    return (details.retryAfterMs ?? 0) + 50 + fullJitterMs(this.failures, retryBaseMs, retryCapMs, runtime.random);
  }
}

function keyOf({ namespace = '', name }: Pick<ObjectMeta, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}
