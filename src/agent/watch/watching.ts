import { objectKey, referenceOf } from '#libs/kubernetes/object';
import { applicationLabel } from '#libs/kubernetes/our-metadata';
import type { Logger } from '#src/log/logger';
import { messageOf } from '../errors';
import type { KindReference, KubernetesApi } from '../kubernetes/port';
import type { AgentRuntime } from '../runtime';
import type { DesiredState } from '../sync/desired';
import { Informer } from './informer';

export interface WatchingOptions {
  kubernetes: KubernetesApi;
  runtime: AgentRuntime;
  logger: Logger;
  /** By target, then key; the resource version of what is there. */
  onChanged(changed: ReadonlyMap<string, ReadonlyMap<string, string | undefined>>): Promise<void>;
}

/** Each holds a connection; kinds beyond are compared every few minutes, like all. */
const maxKinds = 64;
/** What changes within it is compared together, and what we write ourselves has been written down by then. */
const settleMs = 300;

/** Watches the kinds of everything that is applied, and has what changes compared soon. */
export class Watching {
  private readonly informers = new Map<string, AbortController>();
  private readonly ended = new Set<Promise<void>>();
  /** By key as the API server has it. */
  private objects = new Map<string, { target: string; key: string }>();
  private changed = new Map<string, Map<string, string | undefined>>();
  private wake = new AbortController();
  private isStopped = false;

  constructor(private readonly options: WatchingOptions) {}

  /** Begins to watch what is new, and ends what is no longer wanted. */
  follow(desired: DesiredState): void {
    if (this.isStopped) return;
    const kinds = new Map<string, KindReference>();
    this.objects = new Map();
    for (const target of desired.targets.values()) {
      for (const { node, key } of target.bundle?.objects ?? []) {
        const reference = referenceOf(node.object);
        const { group, version, kind } = reference;
        kinds.set(`${group}/${version}/${kind}`, { group, version, kind });
        this.objects.set(key, { target: target.id, key });
        // A custom kind that lives in no namespace is declared in one all the same.
        this.objects.set(objectKey({ ...reference, namespace: '' }), { target: target.id, key });
      }
    }
    for (const [name, stop] of this.informers) {
      if (kinds.has(name)) continue;
      stop.abort();
      this.informers.delete(name);
    }
    for (const [name, kind] of kinds) if (!this.informers.has(name)) this.begin(name, kind);
  }

  /** Has what was told compared, until the signal; then nothing is watched any more. */
  async run(signal: AbortSignal): Promise<void> {
    const { runtime, logger, onChanged } = this.options;
    signal.addEventListener('abort', () => this.wake.abort(), { once: true });
    while (!signal.aborted) {
      if (this.changed.size === 0) await runtime.sleep(3_600_000, this.wake.signal);
      this.wake = new AbortController();
      if (signal.aborted) break;
      await runtime.sleep(settleMs, signal);
      const { changed } = this;
      this.changed = new Map();
      if (changed.size === 0 || signal.aborted) continue;
      await onChanged(changed).catch((error: unknown) => {
        logger.error({ error: messageOf(error) }, 'what has changed could not be compared');
      });
    }
    this.isStopped = true;
    for (const stop of this.informers.values()) stop.abort();
    await Promise.all(this.ended);
  }

  private begin(name: string, kind: KindReference): void {
    if (this.informers.size >= maxKinds) return;
    const stop = new AbortController();
    this.informers.set(name, stop);
    const { kubernetes, runtime, logger } = this.options;
    const informer = new Informer({
      kubernetes,
      kind,
      labelSelector: applicationLabel,
      runtime,
      logger,
      onChange: ({ namespace = '', name: object }, version) =>
        this.note(objectKey({ ...kind, namespace, name: object }), version),
    });
    const ended = informer.run(stop.signal).finally(() => this.ended.delete(ended));
    this.ended.add(ended);
  }

  private note(watchedKey: string, version: string | undefined): void {
    const object = this.objects.get(watchedKey);
    if (object === undefined) return;
    const keys = this.changed.get(object.target) ?? new Map<string, string | undefined>();
    this.changed.set(object.target, keys.set(object.key, version));
    this.wake.abort();
  }
}
