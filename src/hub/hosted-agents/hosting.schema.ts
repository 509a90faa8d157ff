import { z } from 'zod';
import { maxHostedKubeconfigBytes } from '#libs/kubeconfig/hosted';

export const hostClusterSchema = z
  .strictObject({
    kubeconfig: z
      .string()
      .min(1)
      .max(maxHostedKubeconfigBytes)
      .describe('YAML or JSON; one https:// server, its authority and a service account token; never answered'),
  })
  .meta({ id: 'HostCluster' });
export type HostCluster = z.output<typeof hostClusterSchema>;

export const hostedClusterSchema = z
  .object({
    cluster: z.string(),
    hosted: z.literal(true),
    state: z
      .enum(['waiting', 'running', 'failing'])
      .describe('waiting: no hub runs its agent yet; failing: see `message`; it is tried again'),
    message: z.string().optional().describe('what is wrong, and what to do'),
    server: z.string().describe('address of the API server'),
    serviceAccount: z.string().describe('`namespace/name` that the hub logs in as'),
    expiresAt: z.iso.datetime().optional().describe('of the credential, which the hub renews long before'),
    renewedAt: z.iso.datetime().describe('when the credential was issued'),
  })
  .meta({ id: 'HostedCluster' });
export type HostedCluster = z.infer<typeof hostedClusterSchema>;

export const unhostedClusterSchema = z
  .object({ cluster: z.string(), hosted: z.literal(false) })
  .meta({ id: 'UnhostedCluster' });
export type UnhostedCluster = z.infer<typeof unhostedClusterSchema>;

export interface HostedRow {
  name: string;
  server: string;
  service_account: string;
  expires_at: Date | null;
  rotated_at: Date;
  message: string | null;
  is_held: boolean;
}

export function hostedClusterOf(row: HostedRow): HostedCluster {
  const working = row.is_held ? 'running' : 'waiting';
  return {
    cluster: row.name,
    hosted: true,
    state: row.message === null ? working : 'failing',
    message: row.message ?? undefined,
    server: row.server,
    serviceAccount: row.service_account,
    expiresAt: row.expires_at?.toISOString(),
    renewedAt: row.rotated_at.toISOString(),
  };
}
