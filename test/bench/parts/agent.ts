import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '#test/harness/run/folder';
import type { BenchHub } from './hub';
import { type Program, startProgram } from './program';

/** What `agent-process` reads from its environment, as JSON. */
export interface AgentProcessOptions {
  hubUrl: string;
  joinToken: string;
  kubeconfig: string;
  dataFolder: string;
}

export const agentOptionsVariable = 'FLOTILLA_BENCH_AGENT';

export interface BenchCluster {
  name: string;
  region: string;
  kubeconfig: string;
  /** It cannot reach Kafka, and reports through the hub. */
  isWithoutKafka: boolean;
}

/** Registers a cluster. @returns the join token of its agent */
export async function registerCluster(hub: BenchHub, { name, region }: BenchCluster): Promise<string> {
  const answer = await hub.post<{ join: { joinToken: string } }>('/clusters', {
    apiVersion: 'flotilla.dev/v1',
    kind: 'Cluster',
    metadata: { name },
    spec: { region },
  });
  return answer.join.joinToken;
}

/**
 * An agent in a process of its own: `flotilla agent run`, or where Kafka is to be out of its reach, the same by an entry
 * that sees to that.
 * @param hubUrl as the agent reaches it, perhaps through a proxy that counts
 */
export function startAgentProcess(cluster: BenchCluster, hubUrl: string, joinToken: string, folder?: string): Program {
  const home = folder ?? temporaryFolder(`agent-${cluster.name}`);
  const dataFolder = path.join(home, 'data');
  mkdirSync(dataFolder, { recursive: true });
  const { kubeconfig, isWithoutKafka } = cluster;
  const common = { name: `agent-${cluster.name}`, folder: home };
  if (isWithoutKafka) {
    const options: AgentProcessOptions = { hubUrl, joinToken, kubeconfig, dataFolder };
    const env = { [agentOptionsVariable]: JSON.stringify(options) };
    return startProgram({ ...common, script: 'test/bench/agent-process.js', env });
  }
  const file = path.join(home, 'kubeconfig');
  writeFileSync(file, kubeconfig, { mode: 0o600 });
  return startProgram({
    ...common,
    script: 'src/cli/main.js',
    args: ['agent', 'run', '--kubeconfig', file, '--data-folder', dataFolder],
    env: { HOME: home, FLOTILLA_HUB_URL: hubUrl, FLOTILLA_JOIN_TOKEN: joinToken },
  });
}
