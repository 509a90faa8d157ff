import { randomUUID } from 'node:crypto';
import { fullJitterMs, pause } from '../backoff';
import { type DeliveryContext, report } from '../delivery';
import { partitionKey, sharePartitions, type TopicPartition } from '../partitions';
import { type LogConsumer, LogUnavailable } from '../port';
import { readPartition } from '../reader';
import { type Database } from './database';
import { Ends } from './ends';
import { type Lease, Leases } from './leases';
import { embeddedSource } from './source';
import { readTopics } from './topics';
import { type Wakes } from './wake';

/** A partition that this member has, or has had and still serves a last call for. */
interface Held {
  lease: Lease;
  stop: AbortController;
}

export interface EmbeddedConsumerTimes {
  leaseTtlMs: number;
  pollMs: number;
}

/** One member of a group. Partitions are shared by leases in the database, which every member renews for itself. */
export class EmbeddedConsumer implements LogConsumer {
  private readonly member = randomUUID();
  private readonly leases: Leases;
  private readonly ends: Ends;
  private readonly held = new Map<string, Held>();
  private readonly reading = new Set<Promise<void>>();
  private readonly stop = new AbortController();
  private readonly unsubscribe: () => void;
  private readonly running: Promise<void>;
  private watchdog: NodeJS.Timeout | undefined;
  private rouse: (() => void) | undefined;
  private roused = false;

  constructor(
    private readonly database: Database,
    private readonly wakes: Wakes,
    private readonly context: DeliveryContext,
    private readonly times: EmbeddedConsumerTimes,
    onFirstRound: () => void,
  ) {
    const { group, topics } = context.options;
    this.leases = new Leases(database, group, this.member, times.leaseTtlMs);
    this.ends = new Ends(database, topics, wakes, context.logger, times.pollMs);
    this.unsubscribe = wakes.on((wake) => {
      if (wake === 'anything' || ('group' in wake && wake.group === group)) this.rouseNow();
    });
    this.running = this.run(onFirstRound);
  }

  async close(): Promise<void> {
    if (!this.stop.signal.aborted) {
      this.stop.abort();
      this.unsubscribe();
      this.rouseNow();
      for (const { stop } of this.held.values()) stop.abort();
    }
    await this.running;
  }

  private async run(onFirstRound: () => void): Promise<void> {
    for (let failures = 0; !this.stop.signal.aborted;) {
      try {
        await this.round();
        onFirstRound();
        failures = 0;
        await this.nextRound();
      } catch (error) {
        report(this.context, error, {}, 'the leases of a consumer cannot be renewed');
        await pause(
          fullJitterMs(failures++, { ...this.context.backoff, maxMs: this.times.leaseTtlMs }),
          this.stop.signal,
        );
      }
    }
    while (this.reading.size > 0) await Promise.all(this.reading);
    clearTimeout(this.watchdog);
    this.ends.close();
    // Without the database nothing needs to be given back: all of it ends by itself.
    await this.leases.leave().catch(() => undefined);
    this.wakes.notify({ group: this.context.options.group });
  }

  /** Renews, gives back and takes, so that it has its share of what the living members have. */
  private async round(): Promise<void> {
    const startedAt = performance.now();
    const arrived = await this.leases.join(this.context.options.topics);
    if (arrived) this.wakes.notify({ group: this.context.options.group });
    const shares = sharePartitions(await this.leases.living(), await readTopics(this.database));
    const share = new Map((shares.get(this.member) ?? []).map((partition) => [partitionKey(partition), partition]));

    const renewed = await this.leases.renew([...this.held.values()].map(({ lease }) => lease));
    this.expectRenewal(startedAt);
    const kept = new Set(renewed.map(partitionKey));
    for (const [key, { stop }] of this.held) if (!kept.has(key) || !share.has(key)) stop.abort();

    const missing = [...share.values()].filter((partition) => !this.held.has(partitionKey(partition)));
    const taken = await this.leases.take(missing);
    for (const lease of taken) this.read(lease);
  }

  private read(lease: Lease): void {
    const stop = new AbortController();
    if (this.stop.signal.aborted) stop.abort();
    this.held.set(partitionKey(lease), { lease, stop });
    const source = embeddedSource(this.database, this.ends, lease, this.context.options.maxBatchRecords);
    const reading: Promise<void> = readPartition(this.context, lease, source, stop.signal).then(async () => {
      // Only now, when its last call has ended, may another member have it.
      this.held.delete(partitionKey(lease));
      await this.giveBack(lease);
      this.reading.delete(reading);
    });
    this.reading.add(reading);
  }

  private async giveBack(lease: Lease & TopicPartition): Promise<void> {
    await this.leases.release(lease).catch(() => undefined);
    this.wakes.notify({ group: this.context.options.group });
  }

  /** When the leases end before they are renewed, nothing more is read: somebody else may have the partitions by then. */
  private expectRenewal(renewedAt: number): void {
    clearTimeout(this.watchdog);
    const leftMs = renewedAt + this.times.leaseTtlMs - performance.now();
    this.watchdog = setTimeout(() => {
      if (this.held.size === 0) return;
      report(
        this.context,
        new LogUnavailable('the leases have ended'),
        {},
        'a consumer gives up its partitions for now',
      );
      for (const { stop } of this.held.values()) stop.abort();
    }, leftMs);
  }

  private async nextRound(): Promise<void> {
    if (!this.roused && !this.stop.signal.aborted) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.rouse = resolve;
        timer = setTimeout(resolve, this.times.leaseTtlMs / 4);
      });
      clearTimeout(timer);
    }
    this.rouse = undefined;
    this.roused = false;
  }

  private rouseNow(): void {
    this.roused = true;
    this.rouse?.();
  }
}
