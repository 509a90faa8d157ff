import { createPrivateKey } from 'node:crypto';
import type { SourceDocument } from '#libs/resources/source';
import type { GitHubAppCredentials } from '#libs/sources/credentials';
import { parseRepositoryUrl, type RepositoryUrl } from '#libs/sources/url';
import type { HubConfig } from '#src/hub/config/schema';
import type { FieldError } from '#src/hub/http/problem';

/** What is there before a change. */
interface KeptSource {
  url: string;
  credentialsSet: boolean;
}

/** What is wrong with a declaration in this hub, beyond its schema: pure. */
export function problemsOf(
  { url, credentials }: SourceDocument['spec'],
  allowed: HubConfig['sources'],
  kept?: KeptSource,
): FieldError[] {
  const parsed = parseRepositoryUrl(url);
  if (!parsed.ok) return [{ field: 'spec.url', message: `${parsed.message}; ${parsed.remedy}` }];
  const { repository } = parsed;
  if (repository.kind === 'local' && !allowed.allowLocalPaths) {
    return [
      {
        field: 'spec.url',
        message: 'is a folder of the hub, which this hub does not read; give an https:// or ssh:// address',
      },
    ];
  }
  if (repository.kind === 'http' && !allowed.allowInsecureHttp) {
    return [
      {
        field: 'spec.url',
        message: 'is http://, which anyone on the way can read and change; give an https:// address',
      },
    ];
  }
  if (credentials) {
    const overHttps = 'basic, token, bearer or githubApp';
    const forSsh = credentials.kind === 'ssh';
    if (forSsh !== (repository.kind === 'ssh')) {
      const takes = { ssh: 'ssh', https: overHttps, http: overHttps, local: 'none' };
      return [
        {
          field: 'spec.credentials.kind',
          message: `is ${credentials.kind}, but the address takes ${takes[repository.kind]}`,
        },
      ];
    }
  }
  if (credentials?.kind === 'githubApp') {
    const problem = problemOfApp(credentials, allowed);
    if (problem !== undefined) return [problem];
  }
  if (
    credentials === undefined &&
    kept?.credentialsSet === true &&
    destinationOf(kept.url) !== destination(repository)
  ) {
    return [
      {
        field: 'spec.credentials',
        message:
          'must be given again (or null), since the address names another host and the stored ones would be sent to it',
      },
    ];
  }
  return [];
}

function problemOfApp(app: GitHubAppCredentials, allowed: HubConfig['sources']): FieldError | undefined {
  if (app.apiUrl?.startsWith('http://') === true && !allowed.allowInsecureHttp) {
    return { field: 'spec.credentials.apiUrl', message: 'is http://, which anyone on the way can read; give https://' };
  }
  if (!isPrivateRsaKey(app.privateKey)) {
    const message =
      'is no RSA private key in PEM without passphrase: give the file that the App’s settings let you download';
    return { field: 'spec.credentials.privateKey', message };
  }
  return undefined;
}

function isPrivateRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}

function destinationOf(url: string): string {
  const parsed = parseRepositoryUrl(url);
  return parsed.ok ? destination(parsed.repository) : '';
}

/** To whom credentials are shown. */
function destination(repository: RepositoryUrl): string {
  if (repository.kind === 'local') return 'local';
  return `${repository.kind}://${repository.host.toLowerCase()}:${repository.port ?? ''}`;
}
