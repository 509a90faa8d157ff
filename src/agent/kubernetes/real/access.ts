import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import type { LookupFunction } from 'node:net';
import path from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { KubernetesError } from '../port';
import type { ChosenEntries } from './kubeconfig';

/** How a request reaches its server: one set of connections, and the headers that say who asks. */
export interface Access {
  dispatcher: Dispatcher;
  headers: Record<string, string>;
}

export interface AccessSource {
  /** Of the API server, without a slash at the end. */
  server(): string;
  /** Loads what `@kubernetes/client-node` needs; called once. */
  load(): KubeConfig;
  /** Read again each time. */
  tokenFile?: string;
  changing: boolean;
  /** In the place of the system's resolver; it may refuse. */
  lookup?: LookupFunction;
}

const refreshAfterMs = 60_000;
/** Calls, and a watch for each kind that is watched. */
const connections = { connections: 128, keepAliveTimeout: 30_000, keepAliveMaxTimeout: 300_000 };

/**
 * Credentials by way of `KubeConfig`, and one dispatcher for the cluster: a new one for each request, as the client
 * itself makes them, costs a TLS handshake each. Files and programs are asked again every minute, and after a 401.
 */
export class ClusterAccess {
  private loaded: KubeConfig | undefined;
  private current: Promise<Access> | undefined;
  private asked = 0;
  private tls = '';
  private dispatcher: Dispatcher | undefined;
  private closed = false;

  constructor(readonly source: AccessSource) {}

  async get(): Promise<Access> {
    if (this.closed) throw closedError();
    const stale = this.source.changing && Date.now() - this.asked > refreshAfterMs;
    if (!this.current || stale) this.refresh();
    return this.current as Promise<Access>;
  }

  /** Asks for the credentials again; false where they cannot have changed. */
  refresh(): boolean {
    if (this.current && !this.source.changing) return false;
    this.asked = Date.now();
    const current = this.build();
    this.current = current;
    current.catch(() => {
      if (this.current === current) this.current = undefined;
    });
    return true;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.dispatcher?.destroy();
  }

  private async build(): Promise<Access> {
    try {
      const config = (this.loaded ??= this.source.load());
      const options: RequestOptions & { headers: Record<string, string> } = { headers: {} };
      await config.applyToHTTPSOptions(options);
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(options.headers)) headers[name.toLowerCase()] = value.trim();
      if (typeof options.auth === 'string')
        headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
      if (this.source.tokenFile)
        headers['authorization'] = `Bearer ${(await readFile(this.source.tokenFile, 'utf8')).trim()}`;
      return { dispatcher: this.dispatcherFor(config, options), headers };
    } catch (error) {
      throw error instanceof KubernetesError ? error : noCredentials(error);
    }
  }

  /** The dispatcher in use, unless certificates have changed: then a new one, and the old one ends when it is idle. */
  private dispatcherFor(config: KubeConfig, options: RequestOptions): Dispatcher {
    if (this.closed) throw closedError();
    const { ca, cert, key, rejectUnauthorized, servername } = options;
    const tls = [ca, cert, key].map(String).join('\n');
    if (this.dispatcher && tls === this.tls) return this.dispatcher;
    const old = this.dispatcher;
    const chosen = config.createDispatcherOptions(config.getCurrentCluster(), {
      ca,
      cert,
      key,
      rejectUnauthorized,
      servername,
    });
    if (chosen.type === 'socks')
      throw new KubernetesError('invalid', 'kubeconfig proxy-url: socks proxies are not supported');
    if (chosen.type === 'proxy') {
      const proxyTls = { ...this.resolving() };
      this.dispatcher = new ProxyAgent({ ...connections, uri: chosen.uri, requestTls: chosen.requestTls, proxyTls });
    } else {
      const connect = chosen.type === 'agent' ? chosen.connect : {};
      this.dispatcher = new Agent({ ...connections, connect: { ...connect, ...this.resolving(), timeout: 10_000 } });
    }
    this.tls = tls;
    void old?.close();
    return this.dispatcher;
  }

  private resolving(): { lookup?: LookupFunction } {
    return this.source.lookup === undefined ? {} : { lookup: this.source.lookup };
  }
}

export function kubeconfigSource(chosen: ChosenEntries, folder: string | undefined): AccessSource {
  return {
    server: () => chosen.server,
    changing: chosen.changing,
    ...(chosen.tokenFile ? { tokenFile: path.resolve(folder ?? '.', chosen.tokenFile) } : {}),
    load: () => {
      const config = newKubeConfig();
      config.loadFromString(chosen.text);
      if (folder !== undefined) config.makePathsAbsolute(folder);
      return config;
    },
  };
}

/** The service account of the pod that this runs in. */
export function inClusterSource(environment: NodeJS.ProcessEnv = process.env): AccessSource {
  const host = environment['KUBERNETES_SERVICE_HOST'];
  const port = environment['KUBERNETES_SERVICE_PORT'];
  if (!host || !port) {
    throw new KubernetesError(
      'invalid',
      'KUBERNETES_SERVICE_HOST is not set: this does not run in a pod; give a kubeconfig',
    );
  }
  return {
    server: () => `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    changing: true,
    load: () => {
      const config = newKubeConfig();
      config.loadFromCluster();
      return config;
    },
  };
}

/** Loaded when it is needed: it takes half a second. */
function newKubeConfig(): KubeConfig {
  const client = require('@kubernetes/client-node') as { KubeConfig: typeof KubeConfig };
  return new client.KubeConfig();
}

function noCredentials(error: unknown): KubernetesError {
  const code = (error as NodeJS.ErrnoException).code;
  const reason = code === undefined ? 'the credentials are not usable' : `the credentials are not usable (${code})`;
  return new KubernetesError('unauthorized', reason, { cause: error });
}

export function closedError(): KubernetesError {
  return new KubernetesError('unavailable', 'the connection to this cluster is closed');
}
