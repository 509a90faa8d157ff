import type { OpenedSession } from '#libs/protocol/sync';
import { openLog } from '#src/log/open';
import type { Logger } from '#src/log/logger';
import type { LogProducer } from '#src/log/port';
import type { HubClient } from '../hub/port';
import { hubSink, logSink, type ReportSink, sinkWithFallback } from './sink';

export type OpenProducer = (brokers: string[], ssl: boolean) => Promise<LogProducer>;

type LogSettings = OpenedSession['settings']['log'];

/** The way that the hub told us to take. A producer is kept as long as its brokers are the same. */
export class SessionSinks {
  private current: { settings: string; sink: ReportSink } | undefined;

  constructor(
    private readonly client: HubClient,
    private readonly cluster: string,
    private readonly openProducer: OpenProducer,
    private readonly monotonicMs: () => number,
  ) {}

  async sinkFor(log: LogSettings): Promise<ReportSink> {
    const settings = JSON.stringify(log);
    if (this.current?.settings === settings) return this.current.sink;
    await this.close();
    const sink = await this.open(log);
    this.current = { settings, sink };
    return sink;
  }

  async close(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    await current?.sink.close().catch(() => undefined);
  }

  private async open(log: LogSettings): Promise<ReportSink> {
    const throughHub = hubSink(this.client);
    if (log.kind === 'hub') return throughHub;
    const producer = await this.openProducer(log.brokers, log.ssl);
    return sinkWithFallback(logSink(producer, this.cluster), throughHub, this.monotonicMs);
  }
}

/** A Kafka client of this agent's own, closed with its producer. */
export function kafkaProducers(cluster: string, logger: Logger): OpenProducer {
  return async (brokers, ssl) => {
    const log = openLog({ kind: 'kafka', brokers, ssl, clientId: `flotilla-agent-${cluster}` }, logger);
    const producer = await log.producer();
    return {
      send: (topic, messages) => producer.send(topic, messages),
      async close() {
        await producer.close();
        await log.close();
      },
    };
  };
}
