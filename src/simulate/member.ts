import { type RunningAgent, startAgent } from '#src/agent/agent';
import type { AgentOptions } from '#src/agent/options';
import type { MemoryKubernetes } from '#src/agent/kubernetes/memory/memory-kubernetes';
import type { SimulatedCluster } from './clusters';
import { type KeptCluster, keptCluster, objectsOf } from './identity';
import { type SimulationBehaviour, simulatedKubernetes } from './kubernetes';

/** What all agents of a process share. */
export interface MemberContext {
  behaviour: SimulationBehaviour;
  agent: Required<Pick<AgentOptions, 'gatewayTo' | 'openProducer' | 'sharedNodes' | 'timing'>>;
  /** It has joined just now. */
  onJoined(kept: KeptCluster): void;
}

export type MemberState = 'waiting' | 'starting' | 'running' | 'failed' | 'ended';

/** One simulated cluster with its agent. */
export class Member {
  state: MemberState = 'waiting';
  isConnected = false;
  /** Of the root that it holds; 0 before the first. */
  generation = 0;
  /** How many roots it has taken since it was started. */
  roots = 0;
  /** Why it does not run. */
  trouble: string | undefined;
  private readonly stopping = new AbortController();
  private kubernetes: MemoryKubernetes | undefined;
  private agent: RunningAgent | undefined;
  private wasHeard!: () => void;
  private readonly heard = new Promise<void>((resolve) => (this.wasHeard = resolve));

  constructor(
    readonly cluster: SimulatedCluster,
    private readonly context: MemberContext,
  ) {}

  /** Resolves when the hub has answered its agent for the first time, or when it is clear that it does not. */
  async start(by: { kept: KeptCluster } | { joinToken: string }, hubUrl: string): Promise<void> {
    const { behaviour, agent, onJoined } = this.context;
    this.state = 'starting';
    const restore = 'kept' in by ? objectsOf(by.kept, new Date()) : undefined;
    const kubernetes = simulatedKubernetes(behaviour, { restore });
    this.kubernetes = kubernetes;
    try {
      const running = await startAgent({
        ...agent,
        kubernetes,
        hubUrl,
        joinToken: 'joinToken' in by ? by.joinToken : undefined,
        bootstrap: true,
        // Ten thousand of them: a full comparison finds what changes.
        watch: false,
        signal: this.stopping.signal,
        observer: {
          connection: (isConnected) => this.onConnection(isConnected),
          root: ({ generation }) => this.onRoot(generation),
        },
      });
      this.agent = running;
      this.state = 'running';
      if ('joinToken' in by) onJoined(await keptCluster(this.cluster, kubernetes));
      void running.whenStopped.then((end) => this.onEnd(end.reason === 'stopped' ? undefined : end.message));
    } catch (error) {
      this.fail(error instanceof Error ? error.message : String(error));
      await kubernetes.close();
    }
    await this.heard;
  }

  fail(trouble: string): void {
    this.state = 'failed';
    this.trouble = trouble;
    this.wasHeard();
  }

  async stop(): Promise<void> {
    this.wasHeard();
    this.stopping.abort();
    await this.agent?.whenStopped;
    await this.kubernetes?.close();
  }

  private onConnection(isConnected: boolean): void {
    this.isConnected = isConnected;
    if (isConnected) this.wasHeard();
  }

  private onRoot(generation: number): void {
    this.generation = generation;
    this.roots += 1;
  }

  private onEnd(trouble: string | undefined): void {
    this.state = 'ended';
    this.trouble = trouble;
    this.isConnected = false;
    this.wasHeard();
  }
}
