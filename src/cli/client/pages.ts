import { CliError } from '../errors';

export interface Page<T> {
  items: T[];
  nextCursor?: string;
}

export const pageSize = 500;
const maxItems = 100_000;

/**
 * Every item of a list, page by page.
 * @param atMost leaves out what comes after so many
 */
export async function allItems<T>(
  page: (query: { limit: number; cursor?: string }) => Promise<Page<T>>,
  atMost = maxItems,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(pageSize, atMost - items.length);
    const next = await page({ limit, ...(cursor === undefined ? {} : { cursor }) });
    items.push(...next.items);
    cursor = next.nextCursor;
  } while (cursor !== undefined && items.length < atMost);
  if (cursor !== undefined && atMost === maxItems) {
    throw CliError.failed(`there are more than ${maxItems} of them`, { hint: 'narrow the list by a filter' });
  }
  return items;
}
