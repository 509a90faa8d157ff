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

export const gitCredentials = z.discriminatedUnion('kind', [basic, token, bearer, ssh]);
export type GitCredentials = z.infer<typeof gitCredentials>;

/** The `Authorization` header for HTTPS; undefined where the credentials are for SSH. */
export function authorizationHeader(credentials: GitCredentials): string | undefined {
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
export function redactSecrets(text: string, credentials: GitCredentials | undefined): string {
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
