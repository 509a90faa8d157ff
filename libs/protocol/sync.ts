import { z } from 'zod';
import { bundleDeltaSchema } from './delta';
import { digestSchema } from './digest';
import { keySetSchema } from './keys';
import { sealedHeartbeatSchema } from './report';
import { signedSchema } from './signed';

/** The agent's HTTP protocol, `/agent/v1`. Bodies are JSON; errors are problem+json. */

export const joinRequestSchema = z.object({
  secret: z.string().max(100),
  cluster: z.uuid(),
  /** A signed `JoinClaim` under its own public key. */
  claim: signedSchema,
});

/** A JWT signed (EdDSA) by the agent's key: iss and sub the cluster's id, aud the hub's id, at most 120 s long, with a jti. */
export const tokenRequestSchema = z.object({ assertion: z.string().max(4_000) });
export const tokenAnswerSchema = z.object({ token: z.string(), expiresInSeconds: z.number().int() });

/** A signed `SessionRequest`; the answer is a `SessionAnswer` signed by the hub, and how the agent should behave. */
export const openSessionSchema = z.object({ request: signedSchema });
export const openedSessionSchema = z.object({
  answer: signedSchema,
  keys: keySetSchema,
  settings: z.object({
    heartbeatSeconds: z.number().int().min(1),
    fullComparisonSeconds: z.number().int().min(5),
    /** Where to write reports: straight to Kafka, or through the hub. */
    log: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('hub') }),
      z.object({ kind: z.literal('kafka'), brokers: z.array(z.string()).min(1), ssl: z.boolean() }),
    ]),
  }),
});
export type OpenedSession = z.infer<typeof openedSessionSchema>;

/** An emergency halt as it bears on one cluster. `version` changes with every hold or release. */
export const holdSchema = z.object({
  version: z.number().int().min(0),
  /** Nothing at all may be begun here. */
  cluster: z.boolean(),
  /** Applications by id of which nothing may be begun. */
  applications: z.array(z.uuid()),
  reason: z.string().max(500).optional(),
});
export type Hold = z.infer<typeof holdSchema>;

export const syncRequestSchema = z.object({
  /** As the session agreed on it; the rest is of that version, see `versions`. */
  protocol: z.number().int(),
  session: z.number().int().min(1),
  have: z.object({
    epoch: z.number().int().min(0),
    generation: z.number().int().min(0),
    /** Scope nodes of which the agent holds every node below. */
    scopes: z.record(z.string(), digestSchema),
    /** Of the hold that was heard last. */
    hold: z.number().int().min(-1),
  }),
  /** How long the hub may keep the request open; 0 answers at once. */
  waitMs: z.number().int().min(0).max(120_000),
});
export type SyncRequest = z.infer<typeof syncRequestSchema>;

export const syncAnswerSchema = z.object({
  hold: holdSchema,
  /** There whenever the hub's root is another than `have`, or is signed anew to outlive its expiry. */
  root: signedSchema.optional(),
  /** Digest → the node's value; the agent hashes its canonical JSON. */
  nodes: z.record(z.string(), z.unknown()).default({}),
  bundles: z.array(bundleDeltaSchema).default([]),
  /** The answer was cut at its size limit: fetch what is missing by `GET /agent/v1/nodes/{digest}`. */
  partial: z.boolean().default(false),
  /** Of applications that differ: id → id that follows a commit from Git to the cluster, for logs. */
  traces: z.record(z.string(), z.string()).default({}),
  /** `keySetId` of the hub's keys: where it is not that of the session, the agent opens another one. */
  keys: z.string().max(64).optional(),
});
export type SyncAnswer = z.infer<typeof syncAnswerSchema>;

/** Envelopes for the log, when the agent writes through the hub. */
export const postedRecordsSchema = z.object({
  reports: z.array(signedSchema).max(100).default([]),
  heartbeats: z.array(sealedHeartbeatSchema).max(10).default([]),
});
export type PostedRecords = z.infer<typeof postedRecordsSchema>;
