/** Addresses of Git repositories: what they mean, whether two name the same repository, and how to show one safely. */

export type RepositoryUrl =
  | { kind: 'https' | 'http'; url: string; host: string; port?: number; path: string }
  | { kind: 'ssh'; url: string; user?: string; host: string; port?: number; path: string }
  | { kind: 'local'; path: string };

export type RepositoryUrlOutcome =
  { ok: true; repository: RepositoryUrl } | { ok: false; message: string; remedy: string };

const maxUrlLength = 2048;
const host = String.raw`(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9][A-Za-z0-9._-]*)`;
const scpForm = new RegExp(String.raw`^(?:([A-Za-z0-9_][A-Za-z0-9._-]*)@)?${host}:(?!//)([^\0\n]+)$`);
const defaultPorts: Record<string, number> = { 'https:': 443, 'http:': 80, 'ssh:': 22, 'git:': 9418 };
/** Forges that ignore the case of owner and repository. */
const caseInsensitiveHosts = new Set(['github.com', 'gitlab.com', 'bitbucket.org']);

/** Reads `https://…`, `ssh://…`, `user@host:path`, `file:///…` and `/path`. The values never hold a password. */
export function parseRepositoryUrl(text: string): RepositoryUrlOutcome {
  if (text.length === 0 || text.length > maxUrlLength) {
    return refuse(`the address of a repository has 1 to ${maxUrlLength} characters`, 'shorten it');
  }

  if (/[\u0000-\u001f\u007f]/.test(text)) return refuse('the address holds control characters', 'remove them');
  if (text.startsWith('/')) return { ok: true, repository: { kind: 'local', path: text } };
  const scp = text.includes('://') ? null : scpForm.exec(text);
  if (scp !== null && (scp[1] !== undefined || scp[2]!.includes('.'))) {
    const repository: RepositoryUrl = { kind: 'ssh', url: text, host: scp[2]!, path: scp[3]! };
    return { ok: true, repository: scp[1] === undefined ? repository : { ...repository, user: scp[1] } };
  }
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return refuse(`"${redactUrls(text)}" is no address of a repository`, forms);
  }
  return fromUrl(url, text);
}

const forms = 'write https://host/path, ssh://git@host/path, git@host:path, file:///path or /path';

function fromUrl(url: URL, text: string): RepositoryUrlOutcome {
  const port = url.port === '' ? {} : { port: Number(url.port) };
  switch (url.protocol) {
    case 'https:':
    case 'http:':
      if (url.username !== '' || url.password !== '') {
        return refuse(
          'the address holds credentials',
          'take them out of it and give them as credentials of the source',
        );
      }
      if (url.search !== '' || url.hash !== '') {
        return refuse('the address has a query or a fragment', 'give the plain address that `git clone` takes');
      }
      return {
        ok: true,
        repository: {
          kind: url.protocol === 'https:' ? 'https' : 'http',
          url: `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
          host: url.hostname,
          path: url.pathname,
          ...port,
        },
      };
    case 'ssh:':
      if (url.password !== '') {
        return refuse('the address holds a password', 'SSH takes a private key: give it as credentials of the source');
      }
      if (!new RegExp(`^${host}$`).test(url.hostname) || !/^[A-Za-z0-9_.]?[A-Za-z0-9._-]*$/.test(url.username)) {
        return refuse('the user or host of the address is not valid', forms);
      }
      return {
        ok: true,
        repository: {
          kind: 'ssh',
          url: text,
          host: url.hostname,
          path: url.pathname,
          ...port,
          ...(url.username === '' ? {} : { user: url.username }),
        },
      };
    case 'file:':
      if (url.hostname !== '' && url.hostname !== 'localhost') {
        return refuse('a file:// address names no host', 'write file:///path');
      }
      try {
        return { ok: true, repository: { kind: 'local', path: decodeURIComponent(url.pathname) } };
      } catch {
        return refuse('the address is not validly percent-encoded', 'write /path');
      }
    default:
      return refuse(`${url.protocol}// is not supported`, forms);
  }
}

/** Whether two addresses name one repository, whatever the scheme, user, default port, `.git` or trailing slash. */
export function sameRepository(a: string, b: string): boolean {
  const left = identityOf(a);
  return left !== undefined && left === identityOf(b);
}

function identityOf(text: string): string | undefined {
  if (text.length > maxUrlLength) return undefined;
  if (text.startsWith('/')) return identity('', '', text);
  const scp = text.includes('://') ? null : scpForm.exec(text);
  if (scp !== null) return identity(scp[2]!, '', scp[3]!);
  try {
    const url = new URL(text);
    if (url.protocol === 'file:') return identity('', '', url.pathname);
    const port = Number(url.port) === defaultPorts[url.protocol] ? '' : url.port;
    return url.hostname === '' ? undefined : identity(url.hostname, port, url.pathname);
  } catch {
    return undefined;
  }
}

function identity(hostname: string, port: string, path: string): string {
  const name = hostname.toLowerCase().replace(/\.$/, '');
  let plain = path;
  try {
    plain = decodeURIComponent(path);
  } catch {
    // Compared as it is written.
  }
  plain = plain
    .split('/')
    .filter((part) => part !== '')
    .join('/')
    .replace(/\.git$/, '')
    .replace(/\/$/, '');
  return `${name}:${port}/${caseInsensitiveHosts.has(name) ? plain.toLowerCase() : plain}`;
}

/** The text without the user information of any URL in it. */
export function redactUrls(text: string): string {
  return text.replace(/([A-Za-z][A-Za-z0-9+.-]*:\/\/)[^\s/@]*(?:@[^\s/@]*)*@/g, '$1');
}

function refuse(message: string, remedy: string): RepositoryUrlOutcome {
  return { ok: false, message, remedy };
}
