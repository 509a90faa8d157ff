import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { EventEmitter } from 'node:events';
import { Client } from 'pg';
import { HUB_CONFIG } from '#src/hub/config/config.module';
import type { HubConfig } from '#src/hub/config/schema';
import { Database } from '#src/hub/database/database';

/**
 * - `flotilla_stage`: name of a stage that has something to do
 * - `flotilla_root`: ids of clusters with a new root, by comma
 * - `flotilla_hold`: a halt or a resumption
 * - `flotilla_keys`: the keys of the hub have changed
 */
export type Channel = 'flotilla_stage' | 'flotilla_root' | 'flotilla_hold' | 'flotilla_keys';

const channels: Channel[] = ['flotilla_stage', 'flotilla_root', 'flotilla_hold', 'flotilla_keys'];
/** PostgreSQL takes 8,000 bytes a notification; a UUID and its comma are 37. */
const idsPerNotification = 200;
const reconnectMs = 500;

/**
 * Wake-ups between stages and between replicas, sent with the transaction that gave rise to them. They only make things
 * quick: whoever listens also looks from time to time, and looks anew after each reconnection (`caughtUp`).
 */
@Injectable()
export class Notifications implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(Notifications.name);
  private readonly events = new EventEmitter().setMaxListeners(0);
  private client: Client | undefined;
  private stopping = false;

  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    private readonly database: Database,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.listen();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await this.client?.end().catch(() => undefined);
  }

  on(channel: Channel | 'caughtUp', listener: (payload: string) => void): void {
    this.events.on(channel, listener);
  }

  /** Takes part in the transaction under way. */
  async notify(channel: Channel, payload: string): Promise<void> {
    await this.database.query('SELECT pg_notify($1, $2)', [channel, payload]);
  }

  async notifyRoots(clusterIds: readonly string[]): Promise<void> {
    for (let start = 0; start < clusterIds.length; start += idsPerNotification) {
      await this.notify('flotilla_root', clusterIds.slice(start, start + idsPerNotification).join(','));
    }
  }

  private async listen(): Promise<void> {
    const client = new Client({
      connectionString: this.config.database.url,
      application_name: 'flotilla-listen',
      keepAlive: true,
    });
    const lost = (error?: Error): void => {
      if (this.client !== client) return;
      this.client = undefined;
      if (error) this.logger.warn(`notifications were interrupted: ${error.message}`);
      void client.end().catch(() => undefined);
      this.retry();
    };
    client.on('error', lost);
    client.on('end', () => lost());
    client.on('notification', ({ channel, payload }) => this.events.emit(channel, payload ?? ''));
    this.client = client;
    try {
      await client.connect();
      await client.query(channels.map((channel) => `LISTEN ${channel}`).join('; '));
      this.events.emit('caughtUp', '');
    } catch (error) {
      lost(error as Error);
    }
  }

  private retry(): void {
    if (!this.stopping) setTimeout(() => void this.listen(), reconnectMs).unref();
  }
}
