import { refusedAddress } from './address';
import { entriesOf, type Entry, isEntry, parseKubeconfig } from './document';
import { serviceAccountTokenClaims, type TokenClaims } from './token';

/** All that a hub needs to reach a cluster, and all that it takes. */
export interface HostedKubeconfig {
  /** `https://…`, without a slash at its end. */
  server: string;
  /** PEM in base64; without it, the authorities of the system are trusted. */
  caData?: string;
  tlsServerName?: string;
  proxyUrl?: string;
  /** Of a service account. */
  token: string;
  claims: TokenClaims;
}

export interface KubeconfigProblem {
  /** For example `users[0].user.exec`; empty for the whole. */
  field: string;
  message: string;
}

export type ReadKubeconfig = { ok: true; value: HostedKubeconfig } | { ok: false; problems: KubeconfigProblem[] };

export const maxHostedKubeconfigBytes = 64 * 1024;

const byAdd = '`flotilla cluster add` sends one that fits';
const inline = '`kubectl config view --raw --flatten` puts files in';
const tokenOnly = `the hub takes only a service account token, which it can renew; ${byAdd}`;

/** Fields that are refused, and what to do. What is neither here nor taken is refused as unknown. */
const refusedOfCluster: Record<string, string> = {
  'certificate-authority': `names a file, and the hub reads none: use certificate-authority-data; ${inline}`,
};
const refusedOfUser: Record<string, string> = {
  exec: `runs a program to log in, and no program of a kubeconfig ever runs in the hub; ${tokenOnly}`,
  'auth-provider': `runs a plug-in to log in, and none ever runs in the hub; ${tokenOnly}`,
  tokenFile: `names a file, and the hub reads none; ${tokenOnly}`,
  'client-certificate': `names a file, and the hub reads none; ${tokenOnly}`,
  'client-key': `names a file, and the hub reads none; ${tokenOnly}`,
  'client-certificate-data': `cannot be renewed by the hub; ${tokenOnly}`,
  'client-key-data': `cannot be renewed by the hub; ${tokenOnly}`,
  username: `is a login by password; ${tokenOnly}`,
  password: `is a login by password; ${tokenOnly}`,
};
const takenOfCluster = ['server', 'certificate-authority-data', 'tls-server-name', 'proxy-url'];
/** Of no effect here. */
const ignored = ['extensions', 'disable-compression'];

/**
 * A kubeconfig that somebody gave to the hub: exactly one cluster, user and context; nothing that would run a program, read
 * a file, skip the check of certificates, or lead to a metadata service. All that is wrong is told at once, values never.
 */
export function readHostedKubeconfig(text: string): ReadKubeconfig {
  const parsed = parseKubeconfig(text, maxHostedKubeconfigBytes);
  if (!parsed.ok) return { ok: false, problems: [{ field: '', message: parsed.message }] };
  const problems: KubeconfigProblem[] = [];
  const refuse = (field: string, message: string): void => void problems.push({ field, message });
  const { config } = parsed;
  const cluster = only(config, 'clusters', 'cluster', refuse);
  const user = only(config, 'users', 'user', refuse);
  const context = only(config, 'contexts', 'context', refuse);
  if (cluster === undefined || user === undefined || context === undefined) return { ok: false, problems };
  if (context['cluster'] !== nameIn(config, 'clusters')) refuse('contexts[0].context.cluster', 'names another cluster');
  if (context['user'] !== nameIn(config, 'users')) refuse('contexts[0].context.user', 'names another user');
  const current = config['current-context'];
  if (current !== undefined && current !== '' && current !== nameIn(config, 'contexts')) {
    refuse('current-context', 'names another context than the one that is there');
  }
  refuseFields(
    cluster,
    'clusters[0].cluster',
    refusedOfCluster,
    [...takenOfCluster, 'insecure-skip-tls-verify'],
    refuse,
  );
  refuseFields(user, 'users[0].user', refusedOfUser, ['token'], refuse);
  if (![undefined, false].includes(cluster['insecure-skip-tls-verify'] as boolean | undefined)) {
    refuse(
      'clusters[0].cluster.insecure-skip-tls-verify',
      'would send the credential to whoever answers: give certificate-authority-data instead',
    );
  }
  const server = serverOf(cluster['server'], refuse);
  const proxyUrl = proxyOf(cluster['proxy-url'], refuse);
  const caData = caOf(cluster['certificate-authority-data'], refuse);
  const tlsServerName = nameOfServer(cluster['tls-server-name'], refuse);
  const token = tokenOf(user, refuse);
  if (problems.length > 0 || server === undefined || token === undefined) return { ok: false, problems };
  return { ok: true, value: { server, ...definedOf({ caData, tlsServerName, proxyUrl }), ...token } };
}

type Refuse = (field: string, message: string) => void;

function only(config: Entry, list: string, member: string, refuse: Refuse): Entry | undefined {
  const all = config[list];
  const count = Array.isArray(all) ? all.length : 0;
  if (count !== 1) {
    refuse(
      list,
      `must hold exactly one ${member}, not ${count}; \`kubectl config view --minify --raw --flatten\` does`,
    );
    return undefined;
  }
  const entry = entriesOf(config, list)[0]?.[member];
  if (isEntry(entry)) return entry;
  refuse(`${list}[0].${member}`, 'is missing');
  return undefined;
}

function nameIn(config: Entry, list: string): unknown {
  return entriesOf(config, list)[0]?.['name'];
}

function refuseFields(
  entry: Entry,
  path: string,
  refused: Record<string, string>,
  taken: readonly string[],
  refuse: Refuse,
): void {
  for (const [key, value] of Object.entries(entry)) {
    if (taken.includes(key) || ignored.includes(key) || value === undefined || value === null) continue;
    const known = Object.hasOwn(refused, key) ? refused[key] : undefined;
    refuse(`${path}.${key.slice(0, 100)}`, known ?? `is not supported here: leave it out; ${byAdd}`);
  }
}

function serverOf(value: unknown, refuse: Refuse): string | undefined {
  const field = 'clusters[0].cluster.server';
  const url = typeof value === 'string' && value.length <= 2_000 ? URL.parse(value) : null;
  if (url === null) return void refuse(field, 'is missing, or no URL: give https://host[:port]');
  if (url.protocol !== 'https:') {
    return void refuse(field, 'is no https:// address: the credential would travel in the clear');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    return void refuse(field, 'has a user, password, query or fragment: leave them out');
  }
  const address = refusedAddress(url.hostname);
  if (address !== undefined)
    return void refuse(field, `leads to an address that the hub does not connect to: ${address}`);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function proxyOf(value: unknown, refuse: Refuse): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const field = 'clusters[0].cluster.proxy-url';
  const url = typeof value === 'string' && value.length <= 2_000 ? URL.parse(value) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) return void refuse(field, 'is no http:// or https:// proxy');
  const address = refusedAddress(url.hostname);
  if (address !== undefined)
    return void refuse(field, `leads to an address that the hub does not connect to: ${address}`);
  return url.href;
}

function caOf(value: unknown, refuse: Refuse): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const isPem =
    typeof value === 'string' &&
    Buffer.from(value, 'base64').toString('latin1').includes('-----BEGIN CERTIFICATE-----');
  if (!isPem) return void refuse('clusters[0].cluster.certificate-authority-data', 'is no PEM certificate in base64');
  return value;
}

function nameOfServer(value: unknown, refuse: Refuse): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string' && /^[A-Za-z0-9.:-]{1,253}$/.test(value)) return value;
  return void refuse('clusters[0].cluster.tls-server-name', 'is no name of a server');
}

function tokenOf(user: Entry, refuse: Refuse): { token: string; claims: TokenClaims } | undefined {
  const field = 'users[0].user.token';
  const { token } = user;
  if (typeof token !== 'string' || token === '') return void refuse(field, `is missing; ${byAdd}`);
  const claims = serviceAccountTokenClaims(token);
  if (claims === undefined)
    return void refuse(field, `is no token of a service account, which the hub could renew; ${byAdd}`);
  return { token, claims };
}

/** The least kubeconfig that says it, as JSON. */
export function hostedKubeconfigText(value: Omit<HostedKubeconfig, 'claims'>): string {
  const { server, caData, tlsServerName, proxyUrl, token } = value;
  const cluster = {
    server,
    ...(caData === undefined ? {} : { 'certificate-authority-data': caData }),
    ...(tlsServerName === undefined ? {} : { 'tls-server-name': tlsServerName }),
    ...(proxyUrl === undefined ? {} : { 'proxy-url': proxyUrl }),
  };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'cluster', cluster }],
    users: [{ name: 'agent', user: { token } }],
    contexts: [{ name: 'hosted', context: { cluster: 'cluster', user: 'agent' } }],
    'current-context': 'hosted',
  });
}

function definedOf<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Partial<T>;
}
