import { eventually } from '#test/harness/eventually';
import { startTestHub, type TestHub } from '#test/harness/hub';
import { sharedKafka } from '#test/harness/kafka';
import { type SimulatedFleet, startSimulatedFleet } from './fleet';

jest.setTimeout(300_000);

describe('a simulated fleet over Kafka', () => {
  let hub: TestHub;
  let fleet: SimulatedFleet | undefined;

  beforeAll(async () => {
    const { brokers } = await sharedKafka();
    const agents = { kafkaBrokers: brokers, heartbeatSeconds: 30 };
    hub = await startTestHub({ log: { kind: 'kafka', brokers }, agents });
  });
  afterAll(async () => {
    await fleet?.stop();
    await hub?.stop();
  });

  it('is heard by heartbeats and reports that share a producer, and not through the hub', async () => {
    fleet = await startSimulatedFleet({
      hub: { url: hub.url, token: hub.adminToken },
      clusters: 40,
      prefix: 'kafka',
      heartbeatSeconds: 1,
    });
    const heard = async (): Promise<void> => {
      const row = await hub.database.one(
        `SELECT count(*)::int AS clusters FROM heartbeats h
           JOIN clusters c ON c.id = h.cluster_id
           JOIN cluster_reports r ON r.cluster_id = c.id
          WHERE c.name LIKE 'kafka-%' AND h.sequence > 3 AND r.facts_session > 0`,
      );
      expect(row).toEqual({ clusters: 40 });
    };
    await eventually(heard, 120_000);
    const { text } = await hub.request.get('/metrics');
    expect(text).toContain('route="/agent/v1/sync"');
    expect(text).not.toContain('route="/agent/v1/records"');
  });
});
