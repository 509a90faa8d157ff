import { startKafka } from '#test/harness/kafka';
import { describeMessageLog } from '../contract';
import { silentLogger } from '../logger';
import { openLog } from '../open';
import { type MessageLog } from '../port';

describeMessageLog('Apache Kafka', async () => {
  const kafka = await startKafka();
  const logs: MessageLog[] = [];
  return {
    open: () => {
      const { brokers } = kafka;
      logs.push(
        openLog(
          { kind: 'kafka', brokers, clientId: 'contract', sendTimeoutMs: 8_000, maxBackoffMs: 1_000 },
          silentLogger,
        ),
      );
      return logs.at(-1)!;
    },
    beginOutage: () => kafka.kill(),
    endOutage: () => kafka.start(),
    close: async () => {
      await Promise.all(logs.map((log) => log.close()));
      await kafka.stop();
    },
  };
});
