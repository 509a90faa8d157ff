import { parse } from 'yaml';
import { KubernetesError } from '../port';

export interface KubeconfigOptions {
  /** YAML or JSON text. */
  kubeconfig: string;
  /** Its current context unless told. */
  context?: string;
  /** Run the program that a user entry names to log in. Never for a kubeconfig that somebody else gave. */
  allowExec?: boolean;
  /** Read the files that the entries name. Never for a kubeconfig that somebody else gave. */
  allowFiles?: boolean;
  /** What relative file names start from. */
  folder?: string;
}

type Entry = Record<string, unknown>;

/** One cluster and one user of a kubeconfig, checked. */
export interface ChosenEntries {
  /** A kubeconfig of these two alone, as text. */
  text: string;
  server: string;
  /** Read again from time to time; a kubeconfig library would read it once. */
  tokenFile?: string;
  /** Whether credentials may change while we run: they come from files or a program. */
  changing: boolean;
}

const maxSizeBytes = 1024 * 1024;
const fileFields = ['client-certificate', 'client-key', 'tokenFile', 'certificate-authority'];

/** Picks the context's cluster and user, and refuses what the caller does not allow. Throws `invalid`, naming the entry. */
export function chooseEntries(options: KubeconfigOptions): ChosenEntries {
  const config = parseText(options.kubeconfig);
  const contextName = options.context ?? config['current-context'];
  if (typeof contextName !== 'string' || contextName === '')
    throw refused('names no current-context: say which context');
  const context = entryOf(config, 'contexts', 'context', contextName);
  const clusterName = String(context['cluster']);
  const userName = String(context['user']);
  const cluster = entryOf(config, 'clusters', 'cluster', clusterName);
  const user = entryOf(config, 'users', 'user', userName);
  const server = serverOf(cluster, clusterName);
  const program = user['exec'] !== undefined || user['auth-provider'] !== undefined;
  if (program && !options.allowExec) {
    throw refused(
      `user "${userName}" logs in by a program (exec or auth-provider), which is not allowed here: give a token or a client certificate`,
    );
  }
  const files = fileFields.filter((field) => user[field] !== undefined || cluster[field] !== undefined);
  if (files.length > 0 && !options.allowFiles) {
    throw refused(
      `user "${userName}" or cluster "${clusterName}" names files (${files.join(', ')}), which is not allowed here: \`kubectl config view --raw --flatten\` puts them in`,
    );
  }
  const { tokenFile, ...rest } = user;
  const chosen = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: clusterName, cluster }],
    users: [{ name: userName, user: typeof tokenFile === 'string' ? rest : user }],
    contexts: [{ name: contextName, context: { cluster: clusterName, user: userName } }],
    'current-context': contextName,
  };
  return {
    text: JSON.stringify(chosen),
    server,
    changing: program || files.length > 0,
    ...(typeof tokenFile === 'string' ? { tokenFile } : {}),
  };
}

function parseText(text: string): Entry {
  if (Buffer.byteLength(text) > maxSizeBytes) throw refused(`is larger than ${maxSizeBytes} bytes`);
  let parsed: unknown;
  try {
    parsed = parse(text, { maxAliasCount: 100 });
  } catch {
    // The parser's message quotes the text, which holds credentials.
    throw refused('is no valid YAML');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw refused('is no YAML map');
  return parsed as Entry;
}

function entryOf(config: Entry, list: string, field: string, name: string): Entry {
  const entries = Array.isArray(config[list]) ? (config[list] as Entry[]) : [];
  const found = entries.find((entry) => entry?.['name'] === name)?.[field];
  if (typeof found === 'object' && found !== null) return found as Entry;
  const names = entries.map((entry) => String(entry?.['name'])).join(', ');
  throw refused(`has no ${field} "${name}" (${list}: ${names === '' ? 'none' : names})`);
}

function serverOf(cluster: Entry, name: string): string {
  const server = typeof cluster['server'] === 'string' ? cluster['server'] : '';
  const url = URL.parse(server);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw refused(`cluster "${name}" has no server URL`);
  if (url.protocol === 'http:' && cluster['insecure-skip-tls-verify'] !== true) {
    throw refused(`cluster "${name}" has an http:// server: credentials would travel in the clear; use https://`);
  }
  return server.replace(/\/+$/, '');
}

function refused(problem: string): KubernetesError {
  return new KubernetesError('invalid', `kubeconfig ${problem}`);
}
