/** Connections to others: through which proxy, and whom to trust beside the public authorities. */
import { rootCertificates } from 'node:tls';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { proxyFor, type ProxySettings } from '#libs/net/proxy';

export interface OutgoingOptions {
  proxies?: ProxySettings;
  /** PEM, trusted everywhere beside the public authorities. */
  extraCa?: string;
}

export interface ConnectionOptions extends Pick<
  Agent.Options,
  'connections' | 'headersTimeout' | 'bodyTimeout' | 'keepAliveTimeout' | 'keepAliveMaxTimeout'
> {
  connectTimeoutMs: number;
  /** PEM, trusted beside the public authorities and those of `extraCa`. */
  ca?: string;
  /** PEM, trusted in the place of the public authorities. */
  onlyCa?: string;
}

export class Outgoing {
  constructor(private readonly options: OutgoingOptions = {}) {}

  /** Connections to one origin; the caller closes them. Credentials of the proxy are taken from its address. */
  dispatcherTo(origin: string, { connectTimeoutMs, ca, onlyCa, ...rest }: ConnectionOptions): Dispatcher {
    const url = new URL(origin);
    const trusted = this.trusted(ca, onlyCa);
    const tls = { timeout: connectTimeoutMs, ...(trusted === undefined ? {} : { ca: trusted }) };
    const proxy = this.options.proxies && proxyFor(this.options.proxies, url);
    if (proxy === undefined) return new Agent({ ...rest, connect: tls });
    // Plain HTTP is handed to the proxy, since many let nothing but 443 through a tunnel.
    return new ProxyAgent({ ...rest, ...credentials(proxy), requestTls: tls, proxyTls: tls, proxyTunnel: false });
  }

  private trusted(ca: string | undefined, onlyCa: string | undefined): string[] | undefined {
    const { extraCa } = this.options;
    if (ca === undefined && onlyCa === undefined && extraCa === undefined) return undefined;
    return [
      ...(onlyCa === undefined ? rootCertificates : [onlyCa]),
      ...(ca ? [ca] : []),
      ...(extraCa ? [extraCa] : []),
    ];
  }
}

/** By ourselves: a user without password counts too. */
function credentials(proxy: string): { uri: string; token?: string } {
  const url = new URL(proxy);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  if (username === '' && password === '') return { uri: url.href };
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { uri: url.href, token: `Basic ${Buffer.from(pair).toString('base64')}` };
}
