const secretName = /(token|secret|password|passwd|credential|kubeconfig|private_?key|authorization|cookie|signature)/i;
/** Names that only sound like it. */
const harmless = /^(joinTokenMinutes|tokenId|tokenName|credentialsKind|hasCredentials|secretRef|allowSecrets)$/;
const tokens = /\b(flt_[0-9a-f]{8})[0-9a-f]*_[A-Za-z0-9_-]+|\b(fj1\.)[A-Za-z0-9_-]+|(:\/\/[^:/@\s]+:)[^@\s]+@/g;
const maxDepth = 12;

export const hidden = '[hidden]';

/** Text without Flotilla's tokens and passwords in URLs. */
export function redactText(text: string): string {
  return text.replace(tokens, (_, api?: string, join?: string, url?: string) =>
    url === undefined ? `${api ?? join}${hidden}` : `${url}${hidden}@`,
  );
}

/** A copy whose members that are named like secrets are hidden, at any depth; for audit rows and logs. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxDepth) return hidden;
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  if (value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      secretName.test(key) && !harmless.test(key) && typeof member !== 'boolean' && member !== null
        ? hidden
        : redact(member, depth + 1),
    ]),
  );
}
