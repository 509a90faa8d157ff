import { Global, Module } from '@nestjs/common';
import { HUB_CONFIG } from '#src/hub/config/config.module';
import type { HubConfig } from '#src/hub/config/schema';
import { Database } from '#src/hub/database/database';
import { HubKeys } from './hub-keys';
import { KeysWatch } from './keys-watch';
import { Sealing } from './sealing';

/** Encryption at rest and the hub's own keys, for every module. Needs the database. */
@Global()
@Module({
  providers: [
    {
      provide: Sealing,
      inject: [HUB_CONFIG],
      useFactory: (config: HubConfig) => new Sealing(Buffer.from(config.encryption.key, 'base64')),
    },
    {
      provide: HubKeys,
      inject: [Database, Sealing],
      useFactory: (database: Database, sealing: Sealing) => HubKeys.load(database, sealing),
    },
    KeysWatch,
  ],
  exports: [Sealing, HubKeys],
})
export class SecurityModule {}
