import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Notifications } from '#src/hub/stages/notifications';
import { HubKeys } from './hub-keys';

const safetyNetMs = 5_000;

/** Has this process take in rotated and retired keys: by notification, and every five seconds in case one was lost. */
@Injectable()
export class KeysWatch implements OnApplicationBootstrap {
  private readonly logger = new Logger(KeysWatch.name);
  private refreshing: Promise<void> | undefined;

  constructor(
    private readonly keys: HubKeys,
    private readonly notifications: Notifications,
  ) {}

  onApplicationBootstrap(): void {
    this.notifications.on('flotilla_keys', () => void this.refresh());
    this.notifications.on('caughtUp', () => void this.refresh());
  }

  @Interval(safetyNetMs)
  async refresh(): Promise<void> {
    // One that began before the change may not have seen it: another one follows.
    await this.refreshing;
    this.refreshing ??= this.read().finally(() => (this.refreshing = undefined));
    await this.refreshing;
  }

  private async read(): Promise<void> {
    try {
      const before = this.keys.keySetId();
      await this.keys.refresh();
      const after = this.keys.keySetId();
      if (before !== after) this.logger.log({ msg: 'the key set has changed', signingKeyId: this.keys.signingKeyId() });
    } catch (error) {
      this.logger.warn({ err: error }, 'the keys of the hub could not be read; those that are known stay in force');
    }
  }
}
