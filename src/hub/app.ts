import 'reflect-metadata';
import fastifyCompress from '@fastify/compress';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { HubConfig } from './config/schema';
import { HubModule } from './hub.module';
import { createLogger, type Logger, nestLogger } from './http/logging';
import { OpenApi } from './http/openapi/openapi';
import { createAdapter } from './http/server';

/** Below it, compression costs more than it saves. */
const compressFromBytes = 1_500;

export interface HubOptions {
  /** JSON lines to standard output unless told. */
  logger?: Logger;
}

/**
 * The whole hub, migrated and with its keys, but not listening: `await hub.listen(port, host)`, and `await hub.close()`.
 * Throws when the database cannot be reached, or the encryption key is not the one that it was filled with.
 */
export async function createHub(config: HubConfig, options: HubOptions = {}): Promise<NestFastifyApplication> {
  const logger = options.logger ?? createLogger(config.logging.level);
  const app = await NestFactory.create<NestFastifyApplication>(HubModule.of(config, logger), createAdapter(logger), {
    bodyParser: false,
    abortOnError: false,
    logger: nestLogger(logger),
  });
  await app.register(fastifyCompress, { encodings: ['gzip', 'identity'], threshold: compressFromBytes });
  app.get(OpenApi).attach(app);
  return app;
}
