/** Which proxy a request goes through: what was said of it, or the variables that every program knows. */

export interface ProxySettings {
  /** For addresses with http://, and with https://. */
  http?: string;
  https?: string;
  /** Hosts that are reached without: names, `.domains`, `*`, addresses, IPv4 networks (`10.0.0.0/8`), each with `:port` if need be. */
  bypass: readonly string[];
}

export type ProxyOutcome = { ok: true; settings: ProxySettings } | { ok: false; message: string };

export interface ProxyWish {
  /** `http://[user:password@]host:port`, for all requests; `none`: no proxy, whatever the variables say. */
  proxy?: string;
  /** Beside those of NO_PROXY. */
  noProxy?: readonly string[];
}

const maxBypassed = 200;

/** @param env `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in either case; not read where `proxy` is given */
export function proxySettings(wish: ProxyWish, env: Readonly<Record<string, string | undefined>>): ProxyOutcome {
  const variable = (name: string): string | undefined => env[name.toLowerCase()] || env[name] || undefined;
  const bypass = [...(wish.noProxy ?? []), ...(variable('NO_PROXY') ?? '').split(',')]
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '');
  if (bypass.length > maxBypassed) return { ok: false, message: `more than ${maxBypassed} hosts without a proxy` };
  if (wish.proxy === 'none') return { ok: true, settings: { bypass } };
  const given = (name: string, text: string | undefined): [string, string] | undefined =>
    text === undefined ? undefined : [name, text];
  const all = given('ALL_PROXY', variable('ALL_PROXY'));
  const chosen = wish.proxy === undefined ? undefined : given('the proxy', wish.proxy);
  const https = chosen ?? given('HTTPS_PROXY', variable('HTTPS_PROXY')) ?? all;
  const http = chosen ?? given('HTTP_PROXY', variable('HTTP_PROXY')) ?? all;
  for (const [name, text] of [https, http].filter((each) => each !== undefined)) {
    const wrong = whatIsWrong(text);
    if (wrong !== undefined) return { ok: false, message: `${name} ${wrong}; write http://host:port` };
  }
  return { ok: true, settings: { bypass, ...(http && { http: http[1] }), ...(https && { https: https[1] }) } };
}

/** The proxy's address; undefined: straight. What is on this machine is never asked through a proxy. */
export function proxyFor(settings: ProxySettings, url: URL): string | undefined {
  const proxy = url.protocol === 'https:' ? settings.https : settings.http;
  if (proxy === undefined) return undefined;
  const host = url.hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
  if (host === 'localhost' || host === '::1' || /^127\./.test(host)) return undefined;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return settings.bypass.some((entry) => covers(entry, host, port)) ? undefined : proxy;
}

function covers(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const [, name = entry, ofPort] = /^(\[.+\]|[^:]+):(\d+)$/.exec(entry) ?? [];
  if (ofPort !== undefined && ofPort !== port) return false;
  const network = /^(\d+\.\d+\.\d+\.\d+)\/(\d{1,2})$/.exec(name);
  if (network !== null) return isWithin(host, network[1]!, Number(network[2]));
  const plain = name.replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
  return host === plain || host.endsWith(`.${plain}`);
}

function isWithin(host: string, base: string, bits: number): boolean {
  const [address, network] = [numberOf(host), numberOf(base)];
  if (address === undefined || network === undefined || bits > 32) return false;
  const size = 2 ** (32 - bits);
  return Math.floor(address / size) === Math.floor(network / size);
}

function numberOf(text: string): number | undefined {
  const parts = text.split('.').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : NaN));
  if (parts.length !== 4 || parts.some((part) => !(part <= 255))) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** Never says the text itself, which may hold a password. */
function whatIsWrong(text: string): string | undefined {
  if (!URL.canParse(text)) return 'is no address';
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return `begins with ${url.protocol}//, which is not supported`;
  return url.hostname === '' ? 'names no host' : undefined;
}
