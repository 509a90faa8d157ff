import { Global, Module } from '@nestjs/common';
import { HubLog } from './hub-log';

@Global()
@Module({ providers: [HubLog], exports: [HubLog] })
export class MessageLogModule {}
