import { kafkaLogConfigSchema, embeddedLogConfigSchema, type LogConfig } from './config';
import { EmbeddedLog } from './embedded/log';
import { KafkaLog } from './kafka/log';
import { type Logger } from './logger';
import { type MessageLog } from './port';

/** The log that the configuration names; connects when it is used. Throws a ZodError that names each wrong field. */
export function openLog(config: LogConfig, logger: Logger): MessageLog {
  return config.kind === 'kafka'
    ? new KafkaLog(kafkaLogConfigSchema.parse(config), logger)
    : new EmbeddedLog(embeddedLogConfigSchema.parse(config), logger);
}
