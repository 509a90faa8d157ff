import { table } from './table';

/** Lines with aligned parts, for a section of a description. */
export function rowsOf<T>(items: readonly T[], parts: (item: T) => [string, string, string | undefined]): string[] {
  const columns = ([0, 1, 2] as const).map((index) => ({ header: '', value: (item: T) => parts(item)[index] }));
  const text = table(columns, items, { headers: false });
  return text.split('\n').slice(0, -1);
}
