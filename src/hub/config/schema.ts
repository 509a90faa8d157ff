import { z } from 'zod';

const seconds = (min: number, max: number, otherwise: number) =>
  z.coerce.number().int().min(min).max(max).default(otherwise);

const days = (otherwise: number) => z.coerce.number().int().min(1).max(36_500).default(otherwise);

/** Everything that a hub can be told, from a file and from the environment; see `load.ts` for the names of variables. */
export const hubConfigSchema = z.strictObject({
  database: z.strictObject({
    url: z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'a postgres:// URL')
      .describe('PostgreSQL of the hub'),
    poolSize: z.coerce.number().int().min(2).max(200).default(20),
  }),
  http: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.coerce.number().int().min(0).max(65_535).default(8420),
      publicUrl: z.url().optional().describe('how agents and people reach this hub; http://host:port unless told'),
    })
    .prefault({}),
  dataFolder: z.string().min(1).describe('cache of Git repositories; may be lost'),
  encryption: z.strictObject({
    key: z
      .string()
      .refine((text) => Buffer.from(text, 'base64').length === 32, '32 bytes in base64: `openssl rand -base64 32`')
      .describe('seals credentials and Secrets at rest; losing it loses them'),
  }),
  log: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('embedded') }),
      z.strictObject({
        kind: z.literal('kafka'),
        brokers: z.array(z.string().min(1)).min(1).max(50),
        ssl: z.boolean().default(false),
        sasl: z
          .strictObject({
            mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
            username: z.string(),
            password: z.string(),
          })
          .optional(),
      }),
    ])
    .default({ kind: 'embedded' }),
  agents: z
    .strictObject({
      /** Brokers that agents write to themselves; none: they write through the hub. */
      kafkaBrokers: z.array(z.string().min(1)).max(50).default([]),
      kafkaSsl: z.boolean().default(false),
      heartbeatSeconds: seconds(1, 300, 10),
      fullComparisonSeconds: seconds(5, 86_400, 300),
      /** A cluster is unknown when it has not been heard for this long. */
      unknownAfterSeconds: seconds(3, 3_600, 45),
      joinTokenMinutes: z.coerce.number().int().min(1).max(1_440).default(60),
      rootTtlHours: z.coerce.number().int().min(1).max(720).default(72),
      hostClusters: z.boolean().default(true).describe('run agents for clusters that were added by kubeconfig'),
    })
    .prefault({}),
  sources: z
    .strictObject({
      allowLocalPaths: z.boolean().default(false),
      allowInsecureHttp: z.boolean().default(false),
      fetchTimeoutSeconds: seconds(1, 3_600, 60),
      maxPackMebibytes: z.coerce.number().int().min(1).max(10_240).default(512),
    })
    .prefault({}),
  retention: z
    .strictObject({
      sweepMinutes: z.coerce.number().int().min(1).max(1_440).default(60).describe('how often one of the hubs sweeps'),
      releasesKept: z.coerce.number().int().min(1).max(10_000).default(50).describe('of each application, however old'),
      releaseDays: days(90).describe('beyond those, and never one that any cluster still has'),
      nodeDays: days(7).describe(
        'what no cluster carries any more: agents that were away are sent what differs from it',
      ),
      historyDays: days(30).describe('changes of targets, by whole days'),
      goneTargetDays: days(7).describe('what was told of targets that are gone'),
      deadLetterDays: days(30),
      joinTokenDays: days(7).describe('after they expired'),
      apiTokenDays: days(90).describe('after they expired or were revoked'),
      holdDays: days(400).describe('after they were released'),
      formerAgentKeyDays: days(400).describe('so long is an agent told that its cluster was deregistered'),
      auditDays: days(800),
      idempotencyKeyHours: z.coerce.number().int().min(1).max(720).default(24),
    })
    .prefault({}),
  outgoing: z
    .strictObject({
      proxy: z
        .string()
        .regex(/^(none$|https?:\/\/)/, 'http://[user:password@]host:port, or none')
        .optional()
        .describe('for HTTP to others; HTTPS_PROXY and HTTP_PROXY unless told, `none` for none'),
      noProxy: z
        .array(z.string().max(253))
        .max(100)
        .default([])
        .describe('hosts, .domains and networks that are reached without, beside NO_PROXY'),
      extraCaFile: z
        .string()
        .min(1)
        .optional()
        .describe('PEM, trusted for HTTP to others beside the public authorities'),
    })
    .prefault({}),
  logging: z
    .strictObject({ level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info') })
    .prefault({}),
});

export type HubConfig = z.infer<typeof hubConfigSchema>;
export type HubConfigInput = z.input<typeof hubConfigSchema>;
