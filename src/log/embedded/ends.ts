import { partitionKey, type TopicPartition } from '../partitions';
import { errorText, type Logger } from '../logger';
import { type Database } from './database';
import { type Wakes } from './wake';

interface Waiter {
  position: bigint;
  resolve(): void;
}

/** Knows how far each partition reaches, by one query for all of them: when woken, and every second for safety. */
export class Ends {
  private readonly ends = new Map<string, bigint>();
  private readonly waiters = new Map<string, Waiter>();
  private readonly unsubscribe: () => void;
  private readonly timer: NodeJS.Timeout;
  private polling: 'no' | 'yes' | 'again' = 'no';

  constructor(
    private readonly database: Database,
    private readonly topics: string[],
    wakes: Wakes,
    private readonly logger: Logger,
    pollMs: number,
  ) {
    this.timer = setInterval(() => this.poll(), pollMs);
    this.unsubscribe = wakes.on((wake) => {
      if (wake === 'anything' || ('topic' in wake && topics.includes(wake.topic))) this.poll();
    });
  }

  /** Resolves when the partition reaches beyond the position, or when the signal aborts. */
  async beyond(partition: TopicPartition, position: bigint, signal: AbortSignal): Promise<void> {
    const key = partitionKey(partition);
    if (signal.aborted || (this.ends.get(key) ?? 0n) > position) {
      // Asked for what is said to be there: the log may have been emptied, so the next answer has to be a fresh one.
      this.ends.delete(key);
      return;
    }
    await new Promise<void>((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done);
        this.waiters.delete(key);
        resolve();
      };
      this.waiters.set(key, { position, resolve: done });
      signal.addEventListener('abort', done);
    });
  }

  close(): void {
    clearInterval(this.timer);
    this.unsubscribe();
  }

  private poll(): void {
    if (this.polling === 'no') void this.pollNow();
    else this.polling = 'again';
  }

  private async pollNow(): Promise<void> {
    do {
      this.polling = 'yes';
      try {
        await this.ask();
      } catch (error) {
        this.logger.debug({ error: errorText(error) }, 'the ends of the partitions cannot be read');
      }
    } while ((this.polling as string) === 'again');
    this.polling = 'no';
  }

  private async ask(): Promise<void> {
    const rows = await this.database.rows<{ topic: string; partition: number; next_offset: string }>(
      'SELECT topic, partition, next_offset FROM log_partitions WHERE topic = ANY ($1::text[])',
      [this.topics],
    );
    for (const row of rows) {
      const end = BigInt(row.next_offset);
      this.ends.set(partitionKey(row), end);
      const waiter = this.waiters.get(partitionKey(row));
      // Shorter than the position is news too: the reader finds out that the log was replaced.
      if (waiter && waiter.position !== end) waiter.resolve();
    }
  }
}
