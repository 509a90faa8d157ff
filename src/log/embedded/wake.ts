import { EventEmitter } from 'node:events';
import { DEFAULT_BACKOFF, fullJitterMs, pause } from '../backoff';
import { errorText, type Logger } from '../logger';
import { type Database } from './database';

const CHANNEL = 'flotilla_log';

/** What woke: new records in a topic, members that came or left a group, or (after a reconnection) perhaps anything. */
export type Wake = { topic: string } | { group: string } | 'anything';

/** One connection that listens while anybody is interested, and comes back when it is lost. Consumers poll beside it. */
export class Wakes {
  private readonly emitter = new EventEmitter().setMaxListeners(0);
  private readonly stop = new AbortController();
  private readonly pending = new Set<string>();
  private listening: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly logger: Logger,
  ) {}

  /** Returns the function that ends it. */
  on(listener: (wake: Wake) => void): () => void {
    this.listening ??= this.listen();
    this.emitter.on('wake', listener);
    return () => this.emitter.off('wake', listener);
  }

  /**
   * Wakes all processes. Outside of the transaction that appended, and once for all that is asked while one is on its way:
   * PostgreSQL commits transactions with a NOTIFY one at a time. One that is lost is repaired by polling.
   */
  notify(wake: { topic: string } | { group: string }): void {
    if (this.pending.size === 0) void this.flush();
    this.pending.add(JSON.stringify(wake));
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.listening;
  }

  private async flush(): Promise<void> {
    await Promise.resolve();
    while (this.pending.size > 0 && !this.stop.signal.aborted) {
      const payloads = [...this.pending];
      try {
        await this.database.rows('SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload', [
          CHANNEL,
          payloads,
        ]);
      } catch (error) {
        this.logger.debug({ error: errorText(error) }, 'consumers of the log could not be woken');
        this.pending.clear();
      }
      for (const payload of payloads) this.pending.delete(payload);
    }
  }

  private async listen(): Promise<void> {
    for (let attempt = 0; !this.stop.signal.aborted; attempt++) {
      const client = this.database.listener();
      const lost = new Promise<Error | undefined>((resolve) => {
        client.on('error', resolve);
        client.on('end', () => resolve(new Error('the connection ended')));
        this.stop.signal.addEventListener('abort', () => resolve(undefined), { once: true });
      });
      client.on('notification', ({ payload }) => this.emitter.emit('wake', parseWake(payload)));
      try {
        await client.connect();
        await client.query(`LISTEN ${CHANNEL}`);
        attempt = 0;
        this.emitter.emit('wake', 'anything');
        const error = await lost;
        if (error) throw error;
      } catch (error) {
        this.logger.warn({ error: errorText(error) }, 'the connection that listens for new records was lost');
        await pause(fullJitterMs(attempt, DEFAULT_BACKOFF), this.stop.signal);
      }
      await client.end().catch(() => undefined);
    }
  }
}

/** Others may use the channel, too: whatever they say means to look. */
function parseWake(payload = ''): Wake {
  try {
    const { topic, group } = Object(JSON.parse(payload)) as Record<string, unknown>;
    if (typeof topic === 'string') return { topic };
    if (typeof group === 'string') return { group };
  } catch {
    // Not ours.
  }
  return 'anything';
}
