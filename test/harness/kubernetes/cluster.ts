import { spawn } from 'node:child_process';
import { request } from 'node:https';
import { type Server, killServer, startServer } from '../run/server';

/** A cluster as plain data, which goes from one worker to another. */
export interface ClusterData {
  name: string;
  server: string;
  caPem: string;
  adminToken: string;
  kubeconfigPath: string;
  kubeconfig: string;
  kubectlPath: string;
  api: Server;
}

export interface KubectlResult {
  stdout: string;
  stderr: string;
  code: number;
}

export interface TestCluster {
  name: string;
  /** `https://127.0.0.1:<port>` */
  server: string;
  /** The authority's certificate, PEM in base64, as in a kubeconfig. */
  caData: string;
  /** Of a user in system:masters. */
  adminToken: string;
  kubeconfigPath: string;
  /** The same as YAML text; its context has the cluster's name. */
  kubeconfig: string;
  /** Of the real kubectl, for what runs on. */
  kubectlPath: string;
  /** The real one, against this cluster; never throws for its exit code. */
  kubectl(...args: string[]): Promise<KubectlResult>;
  /** `kubectl` with this on standard input, as for `apply -f -`. */
  kubectlWithInput(input: string, ...args: string[]): Promise<KubectlResult>;
  /** Kill -9 of the API server; what it stored stays. Not on a cluster that is shared. */
  kill(): Promise<void>;
  /** Again on the same port; resolves when it is ready. */
  start(): Promise<void>;
}

export function testCluster(data: ClusterData): TestCluster {
  const { name, server, adminToken, kubeconfigPath, kubeconfig, kubectlPath } = data;
  return {
    name,
    server,
    caData: Buffer.from(data.caPem).toString('base64'),
    adminToken,
    kubeconfigPath,
    kubeconfig,
    kubectlPath,
    kubectl: (...args) => kubectl(data, args),
    kubectlWithInput: (input, ...args) => kubectl(data, args, input),
    kill: () => killServer(data.api),
    start: () => startServer(data.api, () => isReady(data)),
  };
}

function kubectl(data: ClusterData, args: readonly string[], input?: string): Promise<KubectlResult> {
  return new Promise((resolve, reject) => {
    const { KUBECONFIG: _, ...env } = process.env;
    const own = [`--kubeconfig=${data.kubeconfigPath}`, `--cache-dir=${data.api.folder}/kubectl`];
    const child = spawn(data.kubectlPath, [...own, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ stdout, stderr, code: code ?? 1 }));
    child.stdin.on('error', () => undefined); // it may end without reading
    child.stdin.end(input ?? '');
  });
}

/** Ready for good: its own checks pass, and the first namespace is there, which comes a moment later. */
export async function isReady(data: ClusterData): Promise<boolean> {
  return (await status(data, '/readyz')) === 200 && (await status(data, '/api/v1/namespaces/default')) === 200;
}

function status(data: ClusterData, path: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const options = {
      ca: data.caPem,
      headers: { authorization: `Bearer ${data.adminToken}` },
      agent: false,
      timeout: 2_000,
    };
    const call = request(`${data.server}${path}`, options, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.once('timeout', () => call.destroy());
    call.once('error', () => resolve(undefined));
    call.end();
  });
}
