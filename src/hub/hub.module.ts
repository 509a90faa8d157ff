import { type DynamicModule, Module } from '@nestjs/common';
import { AccessModule } from './access/access.module';
import { AuditModule } from './audit/audit.module';
import { HubConfigModule } from './config/config.module';
import type { HubConfig } from './config/schema';
import { DatabaseModule } from './database/database.module';
import { HttpModule } from './http/http.module';
import type { Logger } from './http/logging';
import { SecurityModule } from './security/security.module';

@Module({})
export class HubModule {
  static of(config: HubConfig, logger: Logger): DynamicModule {
    return {
      module: HubModule,
      imports: [
        HubConfigModule.of(config),
        DatabaseModule,
        SecurityModule,
        HttpModule.of(logger),
        AuditModule,
        AccessModule,
      ],
    };
  }
}
