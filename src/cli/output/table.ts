import type { Colour, Paint } from './colour';
import { plain } from './text';

export interface Column<T> {
  /** In upper case. */
  header: string;
  value(item: T): string | number | undefined;
  /** Only with `-o wide`. */
  wide?: boolean;
  right?: boolean;
  colour?(item: T): Colour | undefined;
  /** Grows by itself, like an age: a watch does not print anew for it. */
  moving?: boolean;
}

export interface TableOptions {
  wide?: boolean;
  headers?: boolean;
  paint?: Paint;
}

const gap = '  ';

/** Columns as kubectl prints them: aligned, without borders; empty cells as `-`. */
export function table<T>(columns: readonly Column<T>[], items: readonly T[], options: TableOptions = {}): string {
  const { wide = false, headers = true, paint = (text) => text } = options;
  const shown = columns.filter((column) => wide || column.wide !== true);
  const rows = items.map((item) => shown.map((column) => cell(column.value(item))));
  const widths = shown.map(({ header }, index) =>
    rows.reduce((width, row) => Math.max(width, row[index]?.length ?? 0), headers ? header.length : 0),
  );
  const line = (cells: readonly string[], colours: readonly (Colour | undefined)[]) =>
    cells
      .map((text, index) => {
        const space = ' '.repeat(Math.max(0, (widths[index] ?? 0) - text.length));
        const painted = paint(text, colours[index]);
        if (shown[index]?.right === true) return space + painted;
        return index === cells.length - 1 ? painted : painted + space;
      })
      .join(gap);
  const lines = headers
    ? [
        line(
          shown.map(({ header }) => header),
          [],
        ),
      ]
    : [];
  rows.forEach((row, index) => {
    const item = items[index] as T;
    lines.push(
      line(
        row,
        shown.map((column) => column.colour?.(item)),
      ),
    );
  });
  return lines.map((text) => `${text}\n`).join('');
}

/** What of a table says something new when it changes. */
export function tableKey<T>(columns: readonly Column<T>[], items: readonly T[]): string {
  const still = columns.filter((column) => column.moving !== true);
  return JSON.stringify(items.map((item) => still.map((column) => column.value(item) ?? null)));
}

function cell(value: string | number | undefined): string {
  const text = value === undefined ? '' : plain(String(value));
  return text === '' ? '-' : text;
}
