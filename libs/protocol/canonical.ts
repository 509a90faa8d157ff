/**
 * Canonical JSON after RFC 8785 (JCS): keys sorted by UTF-16 code units, no white space, numbers as ECMAScript writes them.
 * Two values are equal exactly when their canonical texts are; every digest and signature of Flotilla is over such a text.
 *
 * Throws TypeError for what JSON has no form for: `undefined` in a list, functions, bigints, NaN and infinities.
 * Members that are `undefined` are left out, as `JSON.stringify` does.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`no canonical JSON for ${value}`);
      return JSON.stringify(value);
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? canonicalList(value) : canonicalMembers(value as Record<string, unknown>);
    default:
      throw new TypeError(`no canonical JSON for a ${typeof value}`);
  }
}

function canonicalList(list: unknown[]): string {
  return `[${list.map(canonicalJson).join(',')}]`;
}

function canonicalMembers(object: Record<string, unknown>): string {
  const members: string[] = [];
  for (const key of Object.keys(object).sort()) {
    const member = object[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`);
  }
  return `{${members.join(',')}}`;
}
