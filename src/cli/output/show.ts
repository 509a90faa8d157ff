import type { Io } from '../io';
import { painter } from './colour';
import type { OutputOptions } from './options';
import { jsonText, yamlDocuments, yamlText } from './structured';
import { type Column, table, tableKey } from './table';
import { plain } from './text';
import { watch } from './watch';

/** How items of one sort are printed. */
export interface View<T> {
  columns(now: Date): Column<T>[];
  /** For `-o name`: `cluster/fra-1`. */
  nameOf(item: T): string;
  /** Said on standard error where there are none, with what to do. */
  empty: string;
  /** Said on standard error below a table for people, with what to do; for lists of what waits. */
  next?(items: readonly T[]): string;
  /** They are documents that `apply -f` takes. */
  documents?: boolean;
}

export async function showList<T>(
  io: Io,
  options: OutputOptions,
  view: View<T>,
  load: () => Promise<T[]>,
): Promise<void> {
  const show = (items: T[]) => listText(io, options, view, items);
  if (options.watch === true) {
    await watch(io, { load, show, key: (items) => tableKey(view.columns(new Date(0)), items) });
    return;
  }
  const items = await load();
  const table = options.output === undefined || options.output === 'wide';
  if (items.length === 0 && table) io.stderr.write(`${view.empty}\n`);
  else io.stdout.write(show(items));
  if (items.length > 0 && table && view.next !== undefined) io.stderr.write(`${plain(view.next(items))}\n`);
}

export function listText<T>(io: Io, { output, headers }: OutputOptions, view: View<T>, items: T[]): string {
  switch (output) {
    case 'json':
      return jsonText({ items });
    case 'yaml':
      return view.documents === true ? yamlDocuments(items) : yamlText({ items });
    case 'name':
      return items.map((item) => `${view.nameOf(item)}\n`).join('');
    case 'wide':
    case undefined:
      return table(view.columns(io.now()), items, {
        wide: output === 'wide',
        headers,
        paint: painter(io.stdout, io.env),
      });
  }
}

/** One item: as a list of one, or as it is for `-o json` and `-o yaml`. */
export function itemText<T>(io: Io, options: OutputOptions, view: View<T>, item: T): string {
  if (options.output === 'json') return jsonText(item);
  if (options.output === 'yaml') return yamlText(item);
  return listText(io, options, view, [item]);
}
