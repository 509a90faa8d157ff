import type { SealedHeartbeat } from '#libs/protocol/report';
import { topics } from '#libs/protocol/report';
import type { Signed } from '#libs/protocol/signed';
import type { LogProducer } from '#src/log/port';
import type { HubClient } from '../hub/port';

/** A way for what the agent says. It rejects when what was given was perhaps not taken; giving it again does no harm. */
export interface ReportSink {
  send(reports: Signed[]): Promise<void>;
  heartbeat(sealed: SealedHeartbeat): Promise<void>;
  close(): Promise<void>;
}

/** The hub appends to the log in the agent's place. */
export function hubSink(client: HubClient): ReportSink {
  return {
    send: (reports) => client.post({ reports, heartbeats: [] }),
    heartbeat: (sealed) => client.post({ reports: [], heartbeats: [sealed] }),
    close: async () => undefined,
  };
}

/** Straight to the log; the key is the cluster's id, so that a cluster's messages keep their order. */
export function logSink(producer: LogProducer, cluster: string): ReportSink {
  const message = (value: unknown) => ({ key: cluster, value: Buffer.from(JSON.stringify(value)) });
  return {
    send: (reports) => producer.send(topics.reports, reports.map(message)),
    heartbeat: (sealed) => producer.send(topics.heartbeats, [message(sealed)]),
    close: () => producer.close(),
  };
}

/** A closed way is not knocked at again before this, since each knock takes until its time-out. */
const restMs = 30_000;

/** The first way, and while that is closed the second. */
export function sinkWithFallback(first: ReportSink, second: ReportSink, monotonicMs: () => number): ReportSink {
  let restsUntilMs = -Infinity;
  const tryBoth = async (send: (sink: ReportSink) => Promise<void>): Promise<void> => {
    if (monotonicMs() < restsUntilMs) return send(second);
    try {
      await send(first);
    } catch {
      restsUntilMs = monotonicMs() + restMs;
      await send(second);
    }
  };
  return {
    send: (reports) => tryBoth((sink) => sink.send(reports)),
    heartbeat: (sealed) => tryBoth((sink) => sink.heartbeat(sealed)),
    async close() {
      await Promise.allSettled([first.close(), second.close()]);
    },
  };
}
