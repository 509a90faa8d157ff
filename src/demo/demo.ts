import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import pLimit from 'p-limit';
import { type RunningAgent, startAgent } from '#src/agent/agent';
import type { Logger } from '#src/log/logger';
import { declareApplications, type DemoApi, registerCluster } from './declare';
import { type DemoCluster, demoClusters } from './fleet';
import { makeDemoRepository } from './repository';
import { hasSavedAgent, openSavedCluster, type SavedCluster } from './saved-cluster';

export interface DemoOptions {
  api: DemoApi;
  hubUrl: string;
  /** Where the simulated clusters are kept. */
  dataFolder: string;
  repository: string;
  logger: Logger;
}

export interface RunningDemo {
  stop(): Promise<void>;
}

const startedAtOnce = 4;

/** Makes the repository, declares the applications, and runs an agent with the real protocol for each simulated cluster. */
export async function startDemo(options: DemoOptions): Promise<RunningDemo> {
  await makeDemoRepository(options.repository);
  await declareApplications(options.api, options.repository);
  const limit = pLimit(startedAtOnce);
  const started = await Promise.allSettled(demoClusters.map((cluster) => limit(() => startMember(options, cluster))));
  const members = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.allSettled(members.map(({ agent }) => agent.stop()));
    await Promise.allSettled(members.map(({ saved }) => saved.close()));
  };
  const failed = started.find((each) => each.status === 'rejected');
  if (failed === undefined) return { stop };
  // Agents that went on would take the sessions of those of the next start.
  await stop();
  throw failed.reason;
}

async function startMember(
  { api, hubUrl, dataFolder, logger }: DemoOptions,
  cluster: DemoCluster,
): Promise<{ agent: RunningAgent; saved: SavedCluster }> {
  const folder = path.join(dataFolder, cluster.name);
  const file = path.join(folder, 'cluster.json');
  const joinToken = await registerCluster(api, cluster, hasSavedAgent(file));
  // Its agent is not known to the hub, or nothing is left of it: a new cluster takes the place.
  if (joinToken !== undefined) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const saved = openSavedCluster(file);
  try {
    const agent = await startAgent({
      kubernetes: saved.kubernetes,
      hubUrl,
      joinToken,
      bootstrap: true,
      dataFolder: path.join(folder, 'agent'),
      logger,
    });
    return { agent, saved };
  } catch (error) {
    await saved.close();
    throw error;
  }
}
