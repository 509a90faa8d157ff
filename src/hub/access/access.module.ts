import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AccessGuard } from './access.guard';
import { AccessTokens } from './access-tokens';
import { AccessTokensRepository } from './access-tokens.repository';
import { FailedAttempts } from './failed-attempts';
import { TokensController } from './tokens.controller';

/** Who may use the hub: API tokens, and the guard before every route. */
@Global()
@Module({
  controllers: [TokensController],
  providers: [
    AccessTokens,
    AccessTokensRepository,
    { provide: FailedAttempts, useFactory: () => new FailedAttempts() },
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [AccessTokens],
})
export class AccessModule {}
