import { parse } from 'yaml';

export type Entry = Record<string, unknown>;

export type ParsedKubeconfig = { ok: true; config: Entry } | { ok: false; message: string };

/** A kubeconfig as YAML or JSON, not yet looked into. Messages never quote the text: it holds credentials. */
export function parseKubeconfig(text: string, maxSizeBytes: number): ParsedKubeconfig {
  if (Buffer.byteLength(text) > maxSizeBytes) {
    return { ok: false, message: `is larger than ${maxSizeBytes} bytes; send one cluster, user and context alone` };
  }
  let config: unknown;
  try {
    // 'error': a warning would be printed, and quotes lines.
    config = parse(text, { maxAliasCount: 0, logLevel: 'error' });
  } catch {
    return { ok: false, message: 'is no valid YAML or JSON' };
  }
  return isEntry(config) ? { ok: true, config } : { ok: false, message: 'is no YAML map' };
}

export function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The members of a list of named entries; empty where it is no list. */
export function entriesOf(config: Entry, list: string): Entry[] {
  const value = config[list];
  return Array.isArray(value) ? value.filter(isEntry) : [];
}
