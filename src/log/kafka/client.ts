import { Kafka, type LogEntry, logLevel, type RetryOptions, type SASLOptions } from 'kafkajs';
import { type KafkaLogConfig } from '../config';
import { type Logger } from '../logger';

const RETRY: RetryOptions = { initialRetryTime: 100, maxRetryTime: 1_000, multiplier: 2, factor: 0.5 };

/** Some 3 s, since a sender has better things to do than to wait: it spools. */
export const SHORT_RETRY: RetryOptions = { ...RETRY, retries: 6 };

/**
 * About a minute, enough for a broker to come back while the consumer keeps its place in the group: a new member would have
 * to wait until the session of the old one ends. Whoever uses it begins anew after that, without end.
 */
export const LONG_RETRY: RetryOptions = { ...RETRY, retries: 60 };

export function kafkaClient(config: KafkaLogConfig, logger: Logger, retry: RetryOptions): Kafka {
  return new Kafka({
    brokers: config.brokers,
    clientId: config.clientId,
    ssl: config.ssl,
    sasl: config.sasl as SASLOptions | undefined,
    connectionTimeout: config.connectTimeoutMs,
    authenticationTimeout: config.connectTimeoutMs,
    requestTimeout: config.requestTimeoutMs,
    enforceRequestTimeout: true,
    retry,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => forward(entry, logger),
  });
}

/** Even its errors are details: what comes of them is reported where it fails. */
function forward({ namespace, log }: LogEntry, logger: Logger): void {
  const { message, broker, error, groupId: group } = log;
  logger.debug({ part: `kafkajs/${namespace}`, broker, error, group }, message);
}
