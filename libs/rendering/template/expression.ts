/** A piece of a string: text, or `${name}` with an optional `:-default`. */
export type Part = string | { name: string; default?: string };

export type Expression = { ok: true; parts: Part[] } | { ok: false; message: string; remedy: string };

const inner = /^([A-Za-z_][A-Za-z0-9_./-]*)(?::-([\s\S]*))?$/;
const remedy =
  'write ${name} or ${name:-default}; for a literal ${ write $${, or annotate the object flotilla.dev/substitute: disabled';

const shorthands = new Map([
  ['cluster', 'cluster.name'],
  ['region', 'cluster.region'],
]);

/** `${region}` is short for `${cluster.region}`, `${cluster}` for `${cluster.name}`. */
export function canonicalName(name: string): string {
  return shorthands.get(name) ?? name;
}

/** Cuts a string at its placeholders; `$${` stands for `${`. A string without any is one part, itself. */
export function parseExpression(text: string): Expression {
  const parts: Part[] = [];
  let literal = '';
  let at = 0;
  for (;;) {
    const open = text.indexOf('${', at);
    if (open < 0) break;
    if (text[open - 1] === '$' && open - 1 >= at) {
      literal += `${text.slice(at, open - 1)}\${`;
      at = open + 2;
      continue;
    }
    literal += text.slice(at, open);
    const close = text.indexOf('}', open);
    if (close < 0) return { ok: false, message: 'a ${ is not closed', remedy };
    const match = inner.exec(text.slice(open + 2, close));
    if (!match?.[1] || match[2]?.includes('${')) return { ok: false, message: 'a ${...} is no parameter', remedy };
    if (literal !== '') parts.push(literal);
    literal = '';
    const name = canonicalName(match[1]);
    parts.push(match[2] === undefined ? { name } : { name, default: match[2] });
    at = close + 1;
  }
  literal += text.slice(at);
  if (literal !== '' || parts.length === 0) parts.push(literal);
  return { ok: true, parts };
}
