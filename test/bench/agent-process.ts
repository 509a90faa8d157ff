/** An agent that cannot reach Kafka, as a process of its own: it reports through the hub. */
import pino from 'pino';
import { startAgent } from '#src/agent/agent';
import { realKubernetes } from '#src/agent/kubernetes/real/real-kubernetes';
import { LogUnavailable } from '#src/log/port';
import { type AgentProcessOptions, agentOptionsVariable } from './parts/agent';

async function main(): Promise<void> {
  const options = JSON.parse(process.env[agentOptionsVariable] ?? '{}') as AgentProcessOptions;
  const agent = await startAgent({
    kubernetes: realKubernetes({ kubeconfig: options.kubeconfig }),
    hubUrl: options.hubUrl,
    joinToken: options.joinToken,
    dataFolder: options.dataFolder,
    bootstrap: true,
    logger: pino(
      { base: undefined, timestamp: pino.stdTimeFunctions.isoTime },
      pino.destination({ fd: 1, sync: true }),
    ),
    openProducer: () => Promise.resolve(closedWay),
  });
  process.once('SIGTERM', () => void agent.stop());
  const end = await agent.whenStopped;
  process.exit(end.reason === 'stopped' ? 0 : 1);
}

const closedWay = {
  send: () => Promise.reject(new LogUnavailable('Kafka is out of reach of this agent')),
  close: () => Promise.resolve(),
};

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
