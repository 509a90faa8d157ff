import type { Logger } from '#src/log/logger';
import { messageOf } from '../errors';
import type { HubClient } from '../hub/port';
import type { KubernetesApi } from '../kubernetes/port';
import { type AgentRuntime, jittered } from '../runtime';
import type { Identity } from './identity';
import { adoptStoredKey, keyAge, rotateKey } from './rotate';

/** Between looks at the age of the key: a tenth of the age within these. */
const minCheckMs = 1_000;
const maxCheckMs = 3_600_000;
const retryMs = 60_000;

export interface OwnKeyOptions {
  kubernetes: KubernetesApi;
  identity: Identity;
  client: HubClient;
  runtime: AgentRuntime;
  logger: Logger;
  maxAgeMs: number;
}

/** Replaces the agent's key when it grows old, and takes over one that another process has put in its place. */
export class OwnKey {
  private isKnownToHub = false;
  private readonly began = new AbortController();

  constructor(private readonly options: OwnKeyOptions) {}

  /** The hub was spoken to with the present key. */
  mayRotate(): void {
    this.isKnownToHub = true;
    this.began.abort();
  }

  read(): Promise<boolean> {
    return adoptStoredKey(this.options.kubernetes, this.options.identity);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { runtime, logger, maxAgeMs } = this.options;
    const checkMs = Math.max(minCheckMs, Math.min(maxCheckMs, maxAgeMs / 10));
    signal.addEventListener('abort', () => this.began.abort(), { once: true });
    // An agent that was stopped before it began hears of it no more.
    if (!this.isKnownToHub && !signal.aborted) await runtime.sleep(2 ** 31 - 1, this.began.signal);
    while (!signal.aborted) {
      let pauseMs = jittered(checkMs, 0.2, runtime.random);
      try {
        await this.rotateIfDue();
      } catch (error) {
        logger.warn({ error: messageOf(error) }, "the agent's key could not be replaced; it is tried again");
        pauseMs = Math.min(pauseMs, jittered(retryMs, 0.5, runtime.random));
      }
      await runtime.sleep(pauseMs, signal);
    }
  }

  private async rotateIfDue(): Promise<void> {
    const { kubernetes, runtime, logger, maxAgeMs } = this.options;
    const { madeAt, isRotating } = await keyAge(kubernetes);
    const now = runtime.now();
    if (!isRotating && now.getTime() - madeAt.getTime() < maxAgeMs) return;
    const keyId = await rotateKey({ ...this.options, now });
    logger.info({ keyId }, 'the agent has another key');
  }
}
