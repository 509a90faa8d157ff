import { EmbeddedLog } from './embedded/log';
import { KafkaLog } from './kafka/log';
import { silentLogger } from './logger';
import { openLog } from './open';

const kafka = { kind: 'kafka' as const, brokers: ['kafka.example:9093'], clientId: 'hub' };

describe('openLog', () => {
  it('opens the log that the configuration names, without connecting', async () => {
    const logs = [
      openLog(
        { ...kafka, ssl: true, sasl: { mechanism: 'scram-sha-512', username: 'u', password: 'p' } },
        silentLogger,
      ),
      openLog({ kind: 'embedded', url: 'postgres://u:p@db.example/flotilla' }, silentLogger),
    ];
    expect(logs[0]).toBeInstanceOf(KafkaLog);
    expect(logs[1]).toBeInstanceOf(EmbeddedLog);
    await Promise.all(logs.map((log) => log.close()));
  });

  it.each([
    [{ ...kafka, brokers: ['kafka.example'] }, 'brokers'],
    [{ ...kafka, sasl: { mechanism: 'gssapi', username: 'u', password: 'secret' } }, 'mechanism'],
    [{ ...kafka, sendTimeoutMs: 0 }, 'sendTimeoutMs'],
  ])('names the field that is wrong, and no secret: %#', (config, field) => {
    let text = '';
    try {
      openLog(config as Parameters<typeof openLog>[0], silentLogger);
    } catch (error) {
      text = String(error);
    }
    expect(text).toContain(field);
    expect(text).not.toContain('secret');
  });
});
