import { Global, Module } from '@nestjs/common';
import { Audit } from './audit';
import { AuditController } from './audit.controller';
import { AuditRepository } from './audit.repository';

@Global()
@Module({ controllers: [AuditController], providers: [Audit, AuditRepository], exports: [Audit] })
export class AuditModule {}
