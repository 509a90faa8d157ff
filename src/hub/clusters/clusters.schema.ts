import { z } from 'zod';
import { clusterSpecSchema } from '#libs/resources/cluster';
import { apiVersion } from '#libs/resources/document';
import { nameSchema } from '#libs/resources/names';
import { pageQuery, pageSchema } from '#src/hub/http/pages';
import { parseLabelSelector } from './label-selector';
import type { ClusterRow } from './clusters.rows';

export const connections = ['pending', 'online', 'unknown'] as const;
export const lifecycles = ['registered', 'joined', 'deregistering', 'revoked'] as const;

const rootVersionSchema = z
  .object({ epoch: z.number().int(), generation: z.number().int() })
  .meta({ id: 'RootVersion' });

export const clusterSchema = z
  .object({
    apiVersion: z.literal(apiVersion),
    kind: z.literal('Cluster'),
    metadata: z.object({
      id: z.uuid(),
      name: z.string(),
      labels: z.record(z.string(), z.string()),
      version: z.number().int().describe('rises with each change; the ETag'),
      createdAt: z.iso.datetime(),
      updatedAt: z.iso.datetime(),
    }),
    spec: clusterSpecSchema,
    status: z.object({
      lifecycle: z.enum(lifecycles),
      connection: z.enum(connections).describe('pending: its agent never joined; unknown: not heard for too long'),
      joinedAt: z.iso.datetime().optional(),
      lastHeardAt: z.iso.datetime().optional(),
      silentSeconds: z.number().int().optional().describe('for how long it has not been heard'),
      facts: z.record(z.string(), z.unknown()).describe('what its agent says of it'),
      agentKeyId: z.string().optional(),
      clusterUid: z.string().optional().describe('UID of kube-system'),
      hosted: z.boolean().describe('the hub runs its agent, by a kubeconfig'),
      root: z.object({
        current: rootVersionSchema.optional().describe('what it should hold'),
        held: rootVersionSchema.optional().describe('what it said that it holds'),
      }),
      trouble: z.string().optional().describe('what its agent says is wrong with itself, or the hub of its agent'),
      clone: z
        .object({ clusterUid: z.string(), firstTriedAt: z.iso.datetime(), lastTriedAt: z.iso.datetime() })
        .meta({ id: 'ClusterClone' })
        .optional()
        .describe('another cluster that came with the key of this one and was refused: a clone, or a restored copy'),
    }),
  })
  .meta({ id: 'Cluster' });
export type Cluster = z.infer<typeof clusterSchema>;

export const joinSchema = z
  .object({
    joinToken: z.string().describe('shown once'),
    joinCommand: z.string().describe('starts the agent of this cluster'),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'ClusterJoin' });
export type ClusterJoin = z.infer<typeof joinSchema>;

export const registeredClusterSchema = clusterSchema.extend({ join: joinSchema }).meta({ id: 'RegisteredCluster' });
export type RegisteredCluster = z.infer<typeof registeredClusterSchema>;

export const clusterPageSchema = pageSchema(clusterSchema, 'ClusterPage');

export const clusterQuerySchema = z.strictObject({
  ...pageQuery,
  region: nameSchema.optional(),
  labelSelector: z
    .string()
    .max(2_000)
    .transform((text, context) => {
      const parsed = parseLabelSelector(text);
      if (parsed.ok) return parsed.expressions;
      context.addIssue({ code: 'custom', message: parsed.message });
      return z.NEVER;
    })
    .optional()
    .describe('as `kubectl -l` takes it: `tier=web,zone in (a,b),!legacy`'),
  connection: z.enum(connections).optional(),
  cordoned: z.stringbool({ truthy: ['true'], falsy: ['false'] }).optional(),
  namePrefix: z
    .string()
    .max(63)
    .regex(/^[-a-z0-9]*$/, 'lower-case letters, digits and `-`')
    .optional(),
});
export type ClusterQuery = z.output<typeof clusterQuerySchema>;

export const deregisterQuerySchema = z.strictObject({
  workloads: z
    .enum(['leave', 'remove'])
    .default('leave')
    .describe('leave: they stay as they are; remove: the agent deletes what Flotilla applied, then the cluster goes'),
});
export type DeregisterQuery = z.output<typeof deregisterQuerySchema>;

export const deregistrationSchema = z
  .object({
    name: z.string(),
    workloads: z.enum(['leave', 'remove']),
    state: z.enum(['deregistered', 'deregistering']).describe('deregistering: until its agent has removed everything'),
  })
  .meta({ id: 'ClusterDeregistration' });
export type Deregistration = z.infer<typeof deregistrationSchema>;

function cloneOf({ clone_uid, clone_first_at, clone_last_at }: ClusterRow): Cluster['status']['clone'] {
  if (clone_uid === null || clone_first_at === null || clone_last_at === null) return undefined;
  return {
    clusterUid: clone_uid,
    firstTriedAt: clone_first_at.toISOString(),
    lastTriedAt: clone_last_at.toISOString(),
  };
}

export function clusterOf(row: ClusterRow): Cluster {
  const version = (epoch: number | null, generation: number | null) =>
    epoch === null || generation === null || generation === 0 ? undefined : { epoch, generation };
  return {
    apiVersion,
    kind: 'Cluster',
    metadata: {
      id: row.id,
      name: row.name,
      labels: row.labels,
      version: row.version,
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
    },
    spec: { region: row.region, serviceAccount: row.service_account, cordoned: row.cordoned },
    status: {
      lifecycle: row.lifecycle,
      connection: row.connection,
      joinedAt: row.joined_at?.toISOString(),
      lastHeardAt: row.received_at?.toISOString(),
      silentSeconds: row.silent_seconds ?? undefined,
      facts: row.facts,
      agentKeyId: row.agent_key_id ?? undefined,
      clusterUid: row.cluster_uid ?? undefined,
      hosted: row.hosted,
      root: {
        current: version(row.current_epoch, row.current_generation),
        held: version(row.held_epoch, row.held_generation),
      },
      trouble: row.trouble ?? undefined,
      clone: cloneOf(row),
    },
  };
}
