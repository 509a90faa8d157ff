import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { HubConfig } from './schema';

/** Injection token of the validated `HubConfig`. */
export const HUB_CONFIG = Symbol('HubConfig');

@Global()
@Module({})
export class HubConfigModule {
  static of(config: HubConfig): DynamicModule {
    return {
      module: HubConfigModule,
      providers: [{ provide: HUB_CONFIG, useValue: config }],
      exports: [HUB_CONFIG],
    };
  }
}
