import { Pool } from 'pg';
import { z } from 'zod';

const durationMs = z.int().min(10).max(600_000);
const pem = z.union([z.string(), z.instanceof(Buffer)]);

/** Where the log gives up, pauses and notices; the defaults are for use. */
const times = {
  /** How long a `send` may take before it rejects with `LogUnavailable`. */
  sendTimeoutMs: durationMs.default(10_000),
  /** The longest pause before a rejected batch is delivered again. */
  maxBackoffMs: durationMs.default(30_000),
};

export const kafkaLogConfigSchema = z.strictObject({
  kind: z.literal('kafka'),
  /** `host:port` of some brokers; the others are found through them. */
  brokers: z
    .array(z.string().regex(/^\S+:\d{1,5}$/, 'must be host:port'))
    .min(1)
    .max(100),
  clientId: z.string().min(1).max(200),
  /** True for TLS with the system's authorities, or the certificates to use. */
  ssl: z
    .union([
      z.boolean(),
      z.strictObject({
        ca: pem.optional(),
        cert: pem.optional(),
        key: pem.optional(),
        passphrase: z.string().optional(),
        servername: z.string().optional(),
        rejectUnauthorized: z.boolean().optional(),
      }),
    ])
    .optional(),
  sasl: z
    .strictObject({
      mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
      username: z.string().min(1),
      password: z.string().min(1),
    })
    .optional(),
  /** None by default: what Flotilla sends in bulk is compressed already. */
  compression: z.enum(['none', 'gzip']).default('none'),
  connectTimeoutMs: durationMs.default(3_000),
  /** For the answer to one request. */
  requestTimeoutMs: durationMs.default(10_000),
  /** After this without a heartbeat a member's partitions go to others. The brokers bound it, by default to 6 s … 30 min. */
  sessionTimeoutMs: durationMs.min(2_000).default(10_000),
  ...times,
});

const embeddedTimes = {
  /** After this without a sign of life a member's partitions go to others. */
  leaseTtlMs: durationMs.min(1_000).default(5_000),
  /** New records are found by NOTIFY, and by polling at this interval for safety. */
  pollMs: durationMs.default(1_000),
  ...times,
};

/** A pool stays the caller's to close; with a URL the log has one of its own. */
export const embeddedLogConfigSchema = z.union([
  z.strictObject({ kind: z.literal('embedded'), url: z.url({ protocol: /^postgres(ql)?$/ }), ...embeddedTimes }),
  z.strictObject({ kind: z.literal('embedded'), pool: z.instanceof(Pool), ...embeddedTimes }),
]);

export const logConfigSchema = z.union([kafkaLogConfigSchema, embeddedLogConfigSchema]);

export type LogConfig = z.input<typeof logConfigSchema>;
export type KafkaLogConfig = z.output<typeof kafkaLogConfigSchema>;
export type EmbeddedLogConfig = z.output<typeof embeddedLogConfigSchema>;
