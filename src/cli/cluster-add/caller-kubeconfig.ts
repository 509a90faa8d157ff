import { existsSync } from 'node:fs';
import path from 'node:path';
import { mergeKubeconfigs } from '#libs/kubeconfig/merge';
import type { KubernetesApi } from '#src/agent/kubernetes/port';
import { KubernetesError } from '#src/agent/kubernetes/port';
import { type ChosenEntries, chooseEntries } from '#src/agent/kubernetes/real/kubeconfig';
import { openTransport, realKubernetes } from '#src/agent/kubernetes/real/real-kubernetes';
import type { Transport } from '#src/agent/kubernetes/real/transport';
import { CliError } from '../errors';
import { readTextFile } from '../files';
import type { Io } from '../io';

/** A cluster as the caller reaches it. */
export interface CallerCluster {
  context: string;
  server: string;
  caData?: string;
  tlsServerName?: string;
  proxyUrl?: string;
  kubernetes: KubernetesApi;
  transport: Transport;
  close(): Promise<void>;
}

interface ClusterEntry {
  'certificate-authority'?: string;
  'certificate-authority-data'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'tls-server-name'?: string;
  'proxy-url'?: string;
}

/**
 * Reads a kubeconfig as kubectl does, and picks the context. Programs that it names to log in may run: it is the caller's
 * own, on the caller's machine.
 * @param options.kubeconfig file; else `KUBECONFIG`, else `~/.kube/config`
 * @param options.context else its current one
 */
export function openCallerCluster(options: { kubeconfig?: string; context?: string }, io: Io): CallerCluster {
  const files = filesOf(options.kubeconfig, io).map((file) => ({ path: file, text: readTextFile(io, file) }));
  const merged = mergeKubeconfigs(files);
  if (!merged.ok) throw CliError.usage(merged.message);
  const caller = { kubeconfig: merged.text, context: options.context, allowExec: true, allowFiles: true };
  const chosen = choose(caller, files.map((file) => file.path).join(', '));
  const { context, cluster } = entriesIn(chosen);
  if (cluster['insecure-skip-tls-verify'] === true) {
    throw CliError.failed(`context ${context} skips the check of the server's certificate, which the hub never does`, {
      hint: 'put the authority of the cluster into certificate-authority-data',
    });
  }
  const kubernetes = realKubernetes(caller);
  const transport = openTransport(caller);
  return {
    context,
    server: chosen.server,
    caData: caOf(cluster, io),
    tlsServerName: cluster['tls-server-name'] || undefined,
    proxyUrl: cluster['proxy-url'] || undefined,
    kubernetes,
    transport,
    close: async () => {
      await Promise.all([kubernetes.close(), transport.close()]);
    },
  };
}

function filesOf(kubeconfig: string | undefined, io: Io): string[] {
  if (kubeconfig !== undefined) return [path.resolve(io.cwd, kubeconfig)];
  const named = (io.env['KUBECONFIG'] ?? '').split(path.delimiter).filter((file) => file !== '');
  // As kubectl does: those of the variable that are not there are passed over.
  const files = (named.length > 0 ? named : [path.join(io.home, '.kube', 'config')]).filter(existsSync);
  if (files.length > 0) return files.map((file) => path.resolve(io.cwd, file));
  throw CliError.usage('there is no kubeconfig', 'name one with --kubeconfig FILE, or set KUBECONFIG');
}

function choose(options: Parameters<typeof chooseEntries>[0], files: string): ChosenEntries {
  try {
    return chooseEntries(options);
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    throw CliError.usage(error.message, `it was read from ${files}; choose a context with --context`);
  }
}

function entriesIn({ text }: ChosenEntries): { context: string; cluster: ClusterEntry } {
  const config = JSON.parse(text) as { clusters: { cluster: ClusterEntry }[]; 'current-context': string };
  return { context: config['current-context'], cluster: config.clusters[0]?.cluster ?? {} };
}

/** The hub reads no files, so what a file holds is sent. */
function caOf(cluster: ClusterEntry, io: Io): string | undefined {
  const { 'certificate-authority-data': data, 'certificate-authority': file } = cluster;
  if (data) return data;
  return file ? Buffer.from(readTextFile(io, file)).toString('base64') : undefined;
}
