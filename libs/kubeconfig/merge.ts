import path from 'node:path';
import { entriesOf, type Entry, isEntry, parseKubeconfig } from './document';

export interface KubeconfigFile {
  /** Absolute. */
  path: string;
  text: string;
}

export type MergedKubeconfig = { ok: true; text: string } | { ok: false; message: string };

const maxSizeBytes = 1024 * 1024;
const lists = { clusters: 'cluster', users: 'user', contexts: 'context' } as const;
const fileFields = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'];

/**
 * Several kubeconfigs as one, as kubectl reads `KUBECONFIG=a:b`: the first that names an entry, or a current context, wins.
 * Relative file names become absolute, from the folder of the file that they stand in.
 */
export function mergeKubeconfigs(files: readonly KubeconfigFile[]): MergedKubeconfig {
  const merged: Record<string, Entry[]> = { clusters: [], users: [], contexts: [] };
  let current: unknown;
  for (const file of files) {
    const parsed = parseKubeconfig(file.text, maxSizeBytes);
    if (!parsed.ok) return { ok: false, message: `${file.path} ${parsed.message}` };
    current ||= parsed.config['current-context'];
    for (const [list, member] of Object.entries(lists)) {
      const known = merged[list] ?? [];
      for (const entry of entriesOf(parsed.config, list)) {
        if (known.some(({ name }) => name === entry['name'])) continue;
        known.push({ name: entry['name'], [member]: withAbsoluteFiles(entry[member], path.dirname(file.path)) });
      }
    }
  }
  const config = { apiVersion: 'v1', kind: 'Config', ...merged, 'current-context': current ?? '' };
  return { ok: true, text: JSON.stringify(config) };
}

function withAbsoluteFiles(value: unknown, folder: string): unknown {
  if (!isEntry(value)) return value;
  const changed = { ...value };
  for (const field of fileFields) {
    const file = changed[field];
    if (typeof file === 'string' && file !== '') changed[field] = path.resolve(folder, file);
  }
  return changed;
}
