import { z } from 'zod';
import { Problem } from './problem';

export const maxPageSize = 500;
const defaultPageSize = 100;

/** Members of a list's query, beside its filters: `z.strictObject({ ...pageQuery, region: … })`. */
export const pageQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(maxPageSize)
    .default(defaultPageSize)
    .describe(`how many items at most, up to ${maxPageSize}`),
  cursor: z.string().max(2_000).optional().describe('`nextCursor` of the page before'),
};

export interface Page<T> {
  items: T[];
  /** Where the next page begins; absent with the last one. */
  nextCursor?: string;
}

/** @param id name of the schema, for example `ClusterPage` */
export function pageSchema<S extends z.ZodType>(item: S, id: string) {
  return z.object({ items: z.array(item), nextCursor: z.string().optional() }).meta({ id });
}

/** Opaque to callers: the sort key of the last item. */
export function encodeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/**
 * The sort key that a cursor carries; undefined without a cursor. Throws Problem 400 for what is no cursor of this list.
 * @param key for example `z.tuple([z.string()])`
 */
export function decodeCursor<S extends z.ZodType>(cursor: string | undefined, key: S): z.output<S> | undefined {
  if (cursor === undefined) return undefined;
  try {
    const parsed = key.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    if (parsed.success) return parsed.data;
  } catch {
    // Answered below.
  }
  throw Problem.invalid([
    { field: 'cursor', message: 'is not `nextCursor` of a page of this list; begin without one' },
  ]);
}

/** @param rows one more than `limit` where there is a next page @param keyOf sort key of a row */
export function pageOf<R, T>(
  rows: readonly R[],
  limit: number,
  keyOf: (row: R) => readonly (string | number)[],
  item: (row: R) => T,
): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const nextCursor = rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : undefined;
  return { items: items.map(item), ...(nextCursor === undefined ? {} : { nextCursor }) };
}
