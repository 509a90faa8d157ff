import type { z } from 'zod';
import type { SyncAnswer, SyncRequest } from '#libs/protocol/sync';

/**
 * One version of the agents' protocol: what is sent, as what the hub means by it. The hub itself knows only the newest
 * shape; an older version translates. Another version is a file beside this one and an entry in `served`.
 */
export interface AgentProtocol {
  version: number;
  /** Of the body of `POST /agent/v1/sync`. */
  sync: z.ZodType<SyncRequest>;
  /** The answer as agents of this version read it. */
  answer(answer: SyncAnswer): unknown;
}
