import { z } from 'zod';
import { labelKeySchema, labelsSchema, labelValueSchema } from '#libs/placement/selector';
import { documentHead } from './document';
import { nameSchema, serviceAccountSchema } from './names';

const region = nameSchema.describe('where the cluster is; rollouts are staged by it');
/** What applications are applied as unless told: `flotilla cluster add` and the agent's manifests make it. */
export const platformServiceAccount = 'flotilla-system/flotilla-platform';

const serviceAccount = serviceAccountSchema
  .nullable()
  .describe('`namespace/name` that the cluster’s own applications are applied as; null: as the agent itself');
const cordoned = z.boolean().describe('nothing new is authorised; workloads stay');

export const clusterSpecSchema = z
  .strictObject({
    region,
    serviceAccount: serviceAccount.default(platformServiceAccount),
    cordoned: cordoned.default(false),
  })
  .meta({ id: 'ClusterSpec' });
export type ClusterSpec = z.output<typeof clusterSpecSchema>;

/** A cluster as people declare it. */
export const clusterDocumentSchema = z
  .strictObject({
    ...documentHead('Cluster'),
    metadata: z.strictObject({ name: nameSchema, labels: labelsSchema.default({}) }),
    spec: clusterSpecSchema,
  })
  .meta({ id: 'ClusterDocument' });
export type ClusterDocument = z.output<typeof clusterDocumentSchema>;

/** A merge patch (RFC 7396) of a cluster: what is named is set, a label with `null` is taken away. */
export const clusterPatchSchema = z
  .strictObject({
    metadata: z
      .strictObject({ labels: z.record(labelKeySchema, labelValueSchema.nullable()).nullable().optional() })
      .optional(),
    spec: z
      .strictObject({
        region: region.optional(),
        serviceAccount: serviceAccount.optional(),
        cordoned: cordoned.optional(),
      })
      .optional(),
  })
  .meta({ id: 'ClusterPatch' });
export type ClusterPatch = z.output<typeof clusterPatchSchema>;

/** What people say of a cluster, apart from its name. */
export interface ClusterDeclaration extends ClusterSpec {
  labels: Record<string, string>;
}

export function declarationOf(document: ClusterDocument): ClusterDeclaration {
  return { ...document.spec, labels: document.metadata.labels };
}

export function patched(declaration: ClusterDeclaration, patch: ClusterPatch): ClusterDeclaration {
  const { region, serviceAccount, cordoned } = { ...declaration, ...withoutUndefined(patch.spec ?? {}) };
  const changes = patch.metadata?.labels;
  if (changes === null) return { region, serviceAccount, cordoned, labels: {} };
  const labels = Object.entries({ ...declaration.labels, ...changes }).filter(([, value]) => value !== null);
  return { region, serviceAccount, cordoned, labels: Object.fromEntries(labels) as Record<string, string> };
}

function withoutUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Partial<T>;
}
