import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { types } from 'pg';
import { DataSource } from 'typeorm';
import { HUB_CONFIG } from '#src/hub/config/config.module';
import type { HubConfig } from '#src/hub/config/schema';
import { Database } from './database';
import { migrate } from './migrate';

// Counters and versions are bigint in the database and stay far below 2^53: read them as numbers.
types.setTypeParser(types.builtins.INT8, (text) => Number(text));

@Global()
@Module({
  providers: [
    {
      provide: DataSource,
      inject: [HUB_CONFIG],
      useFactory: async (config: HubConfig): Promise<DataSource> => {
        await migrate(config.database.url);
        return await new DataSource({
          type: 'postgres',
          url: config.database.url,
          poolSize: config.database.poolSize,
          applicationName: 'flotilla-hub',
          extra: { statement_timeout: 60_000, idle_in_transaction_session_timeout: 60_000 },
        }).initialize();
      },
    },
    { provide: Database, inject: [DataSource], useFactory: (dataSource: DataSource) => new Database(dataSource) },
  ],
  exports: [DataSource, Database],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(private readonly dataSource: DataSource) {}

  async onApplicationShutdown(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}
