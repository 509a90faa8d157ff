import { readFileSync } from 'node:fs';
import { Global, Module } from '@nestjs/common';
import { HUB_CONFIG } from '#src/hub/config/config.module';
import type { HubConfig } from '#src/hub/config/schema';
import { Outgoing } from '#src/net/outgoing';
import { outgoingOf } from '#src/net/outgoing-settings';

/** HTTP to others, as this hub was told to reach them. */
@Global()
@Module({
  providers: [
    {
      provide: Outgoing,
      inject: [HUB_CONFIG],
      useFactory: ({ outgoing }: HubConfig): Outgoing => {
        const outcome = outgoingOf(outgoing, process.env, (path) => readFileSync(path, 'utf8'));
        if (!outcome.ok)
          throw new Error(`${outcome.message} (see FLOTILLA_OUTGOING_… in docs/reference/configuration.md)`);
        return outcome.outgoing;
      },
    },
  ],
  exports: [Outgoing],
})
export class OutgoingModule {}
