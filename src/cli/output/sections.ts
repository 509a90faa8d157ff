import { plain } from './text';

/** A line of a description: a name and its value, a heading with lines below, or a text. */
export type Line = [name: string, value: string | number | undefined] | { heading: string; lines: string[] } | string;

/** Text for people, as `describe` prints it: names aligned; what has no value is left out. */
export function sections(lines: readonly Line[]): string {
  const width =
    lines.reduce((widest, line) => (Array.isArray(line) ? Math.max(widest, line[0].length) : widest), 0) + 3;
  return lines.flatMap((line) => textOf(line, width)).join('');
}

function textOf(line: Line, width: number): string[] {
  if (typeof line === 'string') return [`${plain(line)}\n`];
  if (Array.isArray(line)) {
    const [name, value] = line;
    return value === undefined || value === '' ? [] : [`${`${name}:`.padEnd(width)}${plain(String(value))}\n`];
  }
  if (line.lines.length === 0) return [];
  return ['\n', `${line.heading}:\n`, ...line.lines.map((text) => `  ${plain(text)}\n`)];
}
