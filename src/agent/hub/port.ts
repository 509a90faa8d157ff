import type { KeyObject } from 'node:crypto';
import type { z } from 'zod';
import type { Digest } from '#libs/protocol/digest';
import type { JoinAnswer } from '#libs/protocol/join';
import type { RotateAnswer, RotateRequest } from '#libs/protocol/rotate';
import type { Signed } from '#libs/protocol/signed';
import type { joinRequestSchema, OpenedSession, PostedRecords, SyncAnswer, SyncRequest } from '#libs/protocol/sync';

export type JoinRequest = z.infer<typeof joinRequestSchema>;

/** A hub before the agent is known to it. Every method throws `HubError` and nothing else. */
export interface HubGateway {
  join(request: JoinRequest): Promise<JoinAnswer>;
  /** The hub as this agent uses it; tokens are got and renewed inside. */
  as(credentials: HubCredentials): HubClient;
  /** Ends connections. */
  close(): Promise<void>;
}

export interface HubCredentials {
  cluster: string;
  hub: string;
  /** Looked at anew for each token: an agent may replace its key. */
  privateKey: KeyObject;
}

/** Every method throws `HubError` and nothing else; an aborted call throws kind `unreachable`. */
export interface HubClient {
  openSession(request: Signed): Promise<OpenedSession>;
  /** Tells the hub the next key of this agent; it takes the place of the present one when it is first used. */
  rotateKey(request: RotateRequest): Promise<RotateAnswer>;
  /** Proves itself by the key as it is now. */
  prove(): Promise<void>;
  /** The hub may keep the request open for `waitMs`. */
  sync(request: SyncRequest, signal?: AbortSignal): Promise<SyncAnswer>;
  /** The value of a node; the caller checks that it hashes to the digest. */
  node(digest: Digest, signal?: AbortSignal): Promise<unknown>;
  post(records: PostedRecords): Promise<void>;
}

/**
 * By what is to be done:
 * - `unreachable`: no answer, or the hub says that it cannot serve now: again later
 * - `throttled`: wait `retryAfterMs`
 * - `unauthorized`: the assertion or the token is not taken: compare the clocks, or join again
 * - `revoked`, `deregistered`: a person has decided: stop, and leave everything as it is
 * - `superseded`: a newer session than ours is known to the hub
 * - `protocol`: the hub refuses what was asked, or answers what this version does not understand
 */
export type HubErrorKind =
  'unreachable' | 'throttled' | 'unauthorized' | 'revoked' | 'deregistered' | 'superseded' | 'protocol';

export class HubError extends Error {
  override readonly name = 'HubError';

  constructor(
    readonly kind: HubErrorKind,
    message: string,
    readonly details: { status?: number; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
  }
}

/** After these, an agent has no business with the hub any more. */
export function isFinal(error: unknown): error is HubError {
  return error instanceof HubError && (error.kind === 'revoked' || error.kind === 'deregistered');
}
