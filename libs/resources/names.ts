import { z } from 'zod';

/** Name of a cluster, source, application or region: what fits into a label and a DNS name. */
export const nameSchema = z
  .string()
  .max(63)
  .regex(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    'at most 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit',
  );

/** `namespace/name` of a service account in a cluster. */
export const serviceAccountSchema = z
  .string()
  .max(317)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?\/[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, '`namespace/name` of a service account');
