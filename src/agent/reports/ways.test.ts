import { topics } from '#libs/protocol/report';
import { openSigned, signedSchema } from '#libs/protocol/signed';
import { type LogMessage, LogUnavailable } from '#src/log/port';
import { HubError } from '../hub/port';
import {
  application,
  configMap,
  configMapRef,
  eventually,
  otherApplication,
  quiet,
  webNamespace,
  world,
  type World,
} from '../testing/fixtures';

describe('how reports go', () => {
  let w: World;
  beforeEach(() => (w = world()));
  afterEach(() => w.end());

  const objects = [webNamespace, configMap('a')];
  const healthy = { [application]: { objects } };

  describe('over Kafka', () => {
    let messages: { topic: string; message: LogMessage }[];
    let isAway: boolean;
    let tries: number;
    let isClosed: boolean;

    beforeEach(() => {
      [messages, isAway, tries, isClosed] = [[], false, 0, false];
      const log = { kind: 'kafka' as const, brokers: ['kafka:9092'], ssl: false };
      w.hub.settings = { ...w.hub.settings, heartbeatSeconds: 0.02, log };
    });

    const openProducer = async () => ({
      async send(topic: string, more: LogMessage[]) {
        tries += 1;
        if (isAway) throw new LogUnavailable('away');
        messages.push(...more.map((message) => ({ topic, message })));
      },
      async close() {
        isClosed = true;
      },
    });

    it('are keyed by the cluster, and are what would have gone to the hub', async () => {
      w.hub.release(healthy);
      const agent = await w.start({ openProducer });
      await eventually('both', () => new Set(messages.map(({ topic }) => topic)).size === 2);
      expect(messages.every(({ message }) => message.key === w.hub.cluster)).toBe(true);
      const report = messages.find(({ topic }) => topic === topics.reports)!;
      const signed = signedSchema.parse(JSON.parse(report.message.value.toString()));
      const { publicKey } = w.hub.joins[0]!;
      expect(
        openSigned('flotilla.dev/report/v1', signed, publicKey, {
          safeParse: (v: unknown) => ({ success: true, data: v }),
        } as never).ok,
      ).toBe(true);
      expect(w.hub.reports).toEqual([]);
      await agent.stop();
      expect(isClosed).toBe(true);
    });

    it('go through the hub while Kafka is away, which is not tried for each of them', async () => {
      isAway = true;
      w.hub.release(healthy);
      await w.start({ openProducer });
      await eventually('report', () => w.hub.said(application)?.phase === 'applied');
      await eventually('heartbeats', () => w.hub.heartbeats.length > 3);
      expect(tries).toBe(1);
    });
  });

  it('wait while every way is closed, and then arrive in order', async () => {
    w.hub.release(healthy);
    const agent = await w.start();
    await eventually('applied', () => w.hub.said(application)?.phase === 'applied');
    const before = w.hub.reports.length;
    w.hub.postFailure = new HubError('unreachable', 'away');
    for (const value of ['1', '2']) {
      w.hub.release({ [application]: { objects: [webNamespace, configMap('a', { value })] } });
      await eventually(
        'applied',
        () => (w.kubernetes.peek(configMapRef('a'))?.data as { value?: string }).value === value,
      );
      await quiet(100);
    }
    expect(w.hub.reports).toHaveLength(before);
    expect(agent.state().waitingReports).toBeGreaterThan(0);
    w.hub.postFailure = undefined;
    await eventually('all', () => agent.state().waitingReports === 0, 10_000);
    const sequences = w.hub.reports.map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.map((_, index) => index));
    expect(w.hub.said(application)).toMatchObject({ generation: 3, phase: 'applied' });
  });

  it('say nothing when nothing has changed, and nothing of applications that a release does not touch', async () => {
    w.hub.release({ ...healthy, [otherApplication]: { objects: [configMap('b')] } });
    const agent = await w.start();
    await eventually('applied', () => w.hub.said(otherApplication)?.phase === 'applied');
    await eventually('applied', () => w.hub.said(application)?.phase === 'applied');
    await quiet();
    const before = w.hub.reports.length;
    await agent.compareNow();
    await quiet();
    expect(w.hub.reports).toHaveLength(before);
    w.hub.release({ ...healthy, [otherApplication]: { objects: [configMap('b', { new: 'value' })] } });
    await eventually('second', () => w.hub.said(otherApplication)?.generation === 2);
    await eventually('applied', () => w.hub.said(otherApplication)?.phase === 'applied');
    expect(w.hub.said(application)?.generation).toBe(1);
  });

  it('are under the newer root for everything, once a root was missed: a bundle may have changed there and back', async () => {
    w.hub.release(healthy);
    await w.start();
    await eventually('applied', () => w.hub.said(application)?.phase === 'applied');
    w.hub.release(healthy, { generation: 5 });
    await eventually('told again', () => w.hub.said(application)?.generation === 5);
    expect(w.hub.said(application)?.phase).toBe('applied');
  });

  it('tell progress and then health, without another release', async () => {
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'web' },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx' }] } },
      },
    };
    w.hub.release({ [application]: { objects: [webNamespace, deployment] } });
    await w.start();
    await eventually('progress', () => w.hub.said(application)?.health.status === 'progressing');
    expect(w.hub.said(application)).toMatchObject({ phase: 'applied' });
    const reference = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'web', name: 'web' };
    const counts = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
    const conditions = [{ type: 'Available', status: 'True' }];
    w.kubernetes.writeStatus(reference, { observedGeneration: 1, ...counts, conditions });
    await eventually('health', () => w.hub.said(application)?.health.status === 'healthy');
  });
});
