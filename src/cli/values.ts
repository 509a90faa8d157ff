import { InvalidArgumentError } from 'commander';
import { CliError } from './errors';
import { parseDuration } from './output/age';

/** Readers of values for commander: what they throw names the option. */

/** `key=value`, any number of times. */
export function labelValue(text: string, before: Record<string, string> = {}): Record<string, string> {
  const equal = text.indexOf('=');
  if (equal < 1) throw new InvalidArgumentError('A label is written KEY=VALUE.');
  return { ...before, [text.slice(0, equal)]: text.slice(equal + 1) };
}

/** In milliseconds. */
export function durationValue(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('A duration is written 30s, 5m, 2h or 90d.');
  return ms;
}

/** Whole days, at least one. */
export function daysValue(text: string): number {
  const ms = durationValue(/^\d+$/.test(text) ? `${text}d` : text);
  return Math.max(1, Math.ceil(ms / 86_400_000));
}

export function countValue(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number above 0.');
  return Number(text);
}

export function portValue(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('A port is a number up to 65535.');
  return port;
}

/** Any number of times. */
export function repeatedValue(text: string, before: string[] = []): string[] {
  return [...before, text];
}

/** Any number of times, or separated by commas. */
export function listValue(text: string, before: string[] = []): string[] {
  return [
    ...before,
    ...text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ];
}

/** What is given in labels to set, and `key-` to take away, as a merge patch. */
export function labelChanges(words: readonly string[]): Record<string, string | null> {
  const changes: Record<string, string | null> = {};
  for (const word of words) {
    if (/^[^=]+-$/.test(word)) changes[word.slice(0, -1)] = null;
    else if (word.indexOf('=') >= 1) Object.assign(changes, labelValue(word));
    else throw CliError.usage(`"${word}" changes no label`, 'write KEY=VALUE to set one and KEY- to take it away');
  }
  return changes;
}
