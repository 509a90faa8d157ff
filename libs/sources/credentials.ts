/** What opens a repository. Values of these types are secrets: they are kept encrypted, and never logged or shown. */
import { z } from 'zod';

const maxSecretLength = 4096;
const secret = z.string().min(1).max(maxSecretLength).refine(isOneLine, 'has no line breaks');

function isOneLine(text: string): boolean {
  return !/[\r\n\0]/.test(text);
}

/** HTTPS with user and password. */
const basic = z.strictObject({
  kind: z.literal('basic'),
  username: secret.refine((text) => !text.includes(':'), 'has no colon'),
  password: secret,
});
/** HTTPS with an access token, sent as the password; `username` for forges that want a certain one. */
const token = z.strictObject({
  kind: z.literal('token'),
  token: secret,
  username: secret.refine((text) => !text.includes(':'), 'has no colon').optional(),
});
/** HTTPS with a bearer token. */
const bearer = z.strictObject({ kind: z.literal('bearer'), token: secret });
/** SSH: a private key without passphrase, and the lines of `known_hosts` that the host must match. */
const ssh = z.strictObject({
  kind: z.literal('ssh'),
  privateKey: z.string().min(1).max(65536),
  knownHosts: z.string().max(65536).optional(),
});

/** A GitHub App that is installed where the repository is: the hub gets itself a token of an hour, and again. */
const githubApp = z.strictObject({
  kind: z.literal('githubApp'),
  appId: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,100}$/, "the App's id or its client id")
    .describe("the App's id or its client id"),
  installationId: z
    .string()
    .regex(/^\d{1,20}$/, 'the number at the end of the address of the installation')
    .describe('the number at the end of the address of the installation'),
  privateKey: z.string().min(1).max(65536).describe("PEM, of the App's settings"),
  apiUrl: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional()
    .describe('https://api.github.com unless told; https://HOST/api/v3 of GitHub Enterprise Server'),
});

export const gitCredentials = z.discriminatedUnion('kind', [basic, token, bearer, ssh, githubApp]);
export type GitCredentials = z.infer<typeof gitCredentials>;
export type GitHubAppCredentials = z.infer<typeof githubApp>;
/** What a repository is opened with: of an App it is a token. */
export type RepositoryCredentials = Exclude<GitCredentials, GitHubAppCredentials>;

/** The `Authorization` header for HTTPS; undefined where the credentials are for SSH. */
export function authorizationHeader(credentials: RepositoryCredentials): string | undefined {
  switch (credentials.kind) {
    case 'basic':
      return `Basic ${base64(`${credentials.username}:${credentials.password}`)}`;
    case 'token':
      return `Basic ${base64(`${credentials.username ?? 'x-access-token'}:${credentials.token}`)}`;
    case 'bearer':
      return `Bearer ${credentials.token}`;
    case 'ssh':
      return undefined;
  }
}

/** The text with every secret of the credentials replaced, in case another program repeats one. */
export function redactSecrets(text: string, credentials: RepositoryCredentials | undefined): string {
  if (credentials === undefined) return text;
  const header = authorizationHeader(credentials)?.split(' ')[1];
  const secrets = { basic: ['password'], token: ['token'], bearer: ['token'], ssh: ['privateKey'] }[credentials.kind];
  const values = secrets.map((key) => (credentials as unknown as Record<string, string>)[key]);
  return [...values, header]
    .filter((value): value is string => value !== undefined && value.length > 0)
    .reduce((shown, value) => shown.replaceAll(value, '***').replaceAll(encodeURIComponent(value), '***'), text);
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
