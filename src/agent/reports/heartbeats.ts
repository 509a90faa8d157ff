import type { Version } from '#libs/protocol/root';
import { sealHeartbeat } from '#libs/protocol/session';
import type { Logger } from '#src/log/logger';
import { messageOf } from '../errors';
import { type AgentRuntime, jittered } from '../runtime';
import type { Session } from '../session/handshake';
import type { ReportSink } from './sink';

const maxTroubleLength = 300;

export interface HeartbeatOptions {
  cluster: string;
  runtime: AgentRuntime;
  logger: Logger;
  sink: ReportSink;
  session: Session;
  /** The root that is held, and what a person should know. */
  state(): { root: Version | undefined; trouble: string | undefined };
}

/** Beats until the signal. A beat that cannot be sent is forgotten: the next one says as much. */
export async function runHeartbeats(options: HeartbeatOptions, signal: AbortSignal): Promise<void> {
  const { runtime, session, sink, logger } = options;
  const everyMs = session.settings.heartbeatSeconds * 1_000;
  for (let sequence = 0; !signal.aborted; sequence += 1) {
    const { root, trouble } = options.state();
    const heartbeat = {
      format: 1 as const,
      kind: 'heartbeat' as const,
      cluster: options.cluster,
      session: session.number,
      sequence,
      sentAt: runtime.now().toISOString(),
      epoch: root?.epoch ?? 0,
      generation: root?.generation ?? 0,
      ...(trouble === undefined ? {} : { trouble: trouble.slice(0, maxTroubleLength) }),
    };
    // Not awaited for longer than a beat: a slow way must not make the agent look dead for longer than it is.
    const sent = sink.heartbeat(sealHeartbeat(heartbeat, session.key)).catch((error: unknown) => {
      logger.debug({ error: messageOf(error) }, 'a heartbeat was not sent');
    });
    await Promise.all([sent, runtime.sleep(jittered(everyMs, 0.1, runtime.random), signal)]);
  }
}
