import { z } from 'zod';

export const apiVersion = 'flotilla.dev/v1';

/** What every document begins with: `apiVersion: flotilla.dev/v1` and its `kind`; in the API they may be left out. */
export function documentHead<K extends string>(kind: K) {
  return {
    apiVersion: z.literal(apiVersion).default(apiVersion),
    kind: z.literal(kind).default(kind as z.util.NoUndefined<K>),
  };
}
