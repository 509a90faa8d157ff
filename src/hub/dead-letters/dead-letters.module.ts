import { Module } from '@nestjs/common';
import { DeadLettersController } from './dead-letters.controller';
import { DeadLettersRepository } from './dead-letters.repository';

/** What agents said that could not be believed. */
@Module({ controllers: [DeadLettersController], providers: [DeadLettersRepository] })
export class DeadLettersModule {}
