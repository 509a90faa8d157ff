import type { KubernetesObject } from '#libs/kubernetes/object';
import { startAgent } from '../agent';
import { memoryKubernetes, type MemoryKubernetes } from '../kubernetes/memory/memory-kubernetes';
import type { AgentOptions } from '../options';
import type { RunningAgent } from '../running';
import type { AgentRuntime } from '../runtime';
import { systemRuntime } from '../runtime';
import { FakeHub } from './fake-hub';

export const application = '0a0a0a0a-0000-4000-8000-000000000001';
export const otherApplication = '0a0a0a0a-0000-4000-8000-000000000002';

export function configMap(name: string, data: Record<string, string> = { key: 'value' }): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'web' }, data };
}

export function configMapRef(name: string, namespace = 'web') {
  return { group: '', version: 'v1', kind: 'ConfigMap', namespace, name };
}

export const webNamespace: KubernetesObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'web' } };

/** The wall clock, moved on at will; retries do not wait. */
export class TestRuntime implements AgentRuntime {
  offsetMs = 0;
  now = (): Date => new Date(Date.now() + this.offsetMs);
  monotonicMs = (): number => systemRuntime.monotonicMs() + this.offsetMs;
  random = (): number => 0.01;
  sleep = systemRuntime.sleep;
}

export interface World {
  hub: FakeHub;
  kubernetes: MemoryKubernetes;
  runtime: TestRuntime;
  agents: RunningAgent[];
  start(options?: Partial<AgentOptions>): Promise<RunningAgent>;
  end(): Promise<void>;
}

/** A fake hub, an empty cluster in memory, and agents that end with it. */
export function world(kubernetes: MemoryKubernetes = memoryKubernetes()): World {
  const hub = new FakeHub();
  const runtime = new TestRuntime();
  const agents: RunningAgent[] = [];
  return {
    hub,
    kubernetes,
    runtime,
    agents,
    async start(options = {}) {
      const agent = await startAgent({
        kubernetes,
        hubUrl: 'https://hub.example',
        joinToken: hub.joinToken,
        gatewayTo: hub.gateway,
        runtime,
        ...options,
      });
      agents.push(agent);
      return agent;
    },
    async end() {
      await Promise.all(agents.map((agent) => agent.stop()));
    },
  };
}

/** Waits for a condition, and says what was missing when it does not come. */
export async function eventually(what: string, isSo: () => boolean, timeoutMs = 5_000): Promise<void> {
  const untilMs = Date.now() + timeoutMs;
  while (!isSo()) {
    if (Date.now() > untilMs) throw new Error(`did not come: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Lets everything that is due be done: for proving that something does not happen. */
export async function quiet(ms = 60): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
