import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { hubConfigSchema } from '#src/hub/config/schema';
import { HubModule } from '#src/hub/hub.module';
import { createLogger } from '../logging';
import { createAdapter } from '../server';
import { openApiDocument } from './document';

/** The document of the hub as it is built, without starting it: no database, nothing listens. */
export async function offlineOpenApiDocument(): Promise<OpenAPIObject> {
  const config = hubConfigSchema.parse({
    database: { url: 'postgres://nowhere' },
    dataFolder: 'nowhere',
    encryption: { key: Buffer.alloc(32).toString('base64') },
  });
  const logger = createLogger('error');
  const app = await NestFactory.create<NestFastifyApplication>(HubModule.of(config, logger), createAdapter(logger), {
    preview: true,
    logger: ['error', 'fatal'],
  });
  return openApiDocument(app);
}
