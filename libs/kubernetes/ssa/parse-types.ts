import {
  type Atom,
  deducedAtom,
  type FieldType,
  type ListType,
  mapOf,
  type ScalarType,
  type TypeReference,
} from './schema';

/**
 * A compact notation of types, a line each: `Name [!] field:type field:type=default …`. A `!` after the name means the
 * struct is atomic. A type is `s n b u` (string, numeric, boolean, untyped scalar), `?` (unknown), `[T` atomic list,
 * `#T` set, `(k1,k2)T` list that is a map by its keys, `{T` map of T, `!T` atomic T, `~T` granular T, or a name.
 */
export function parseTypes(lines: readonly string[]): (name: string) => Atom {
  const sources = new Map(lines.map((line) => [line.slice(0, line.indexOf(' ')), line]));
  const parsed = new Map<string, Atom>();
  const lookup = (name: string): Atom => {
    let atom = parsed.get(name);
    if (!atom) {
      const source = sources.get(name);
      if (source === undefined) throw new Error(`No type ${name} in the table of built-in types`);
      atom = parseStruct(source, lookup);
      parsed.set(name, atom);
    }
    return atom;
  };
  return lookup;
}

const scalars: Record<string, ScalarType> = { s: 'string', n: 'numeric', b: 'boolean', u: 'untyped' };

function parseStruct(line: string, lookup: (name: string) => Atom): Atom {
  const words = line.split(' ');
  const atomic = words[1] === '!';
  const fields = new Map<string, FieldType>();
  for (const word of words.slice(atomic ? 2 : 1)) {
    const colon = word.indexOf(':');
    const [type, keyDefault] = word.slice(colon + 1).split('=') as [string, string?];
    fields.set(word.slice(0, colon), { type: parseReference(type, lookup), keyDefault });
  }
  return { map: { atomic, fields } };
}

function parseReference(text: string, lookup: (name: string) => Atom): TypeReference {
  let atom: Atom | undefined;
  return () => (atom ??= parseType(text, lookup));
}

function parseType(text: string, lookup: (name: string) => Atom): Atom {
  const rest = text.slice(1);
  const scalar = scalars[text];
  if (scalar) return { scalar };
  switch (text[0]) {
    case '?':
      return deducedAtom;
    case '{':
      return mapOf(parseReference(rest, lookup));
    case '[':
      return listOf('atomic', [], parseReference(rest, lookup));
    case '#':
      return listOf('set', [], parseReference(rest, lookup));
    case '(': {
      const close = text.indexOf(')');
      return listOf('map', text.slice(1, close).split(','), parseReference(text.slice(close + 1), lookup));
    }
    case '!':
    case '~': {
      const inner = parseType(rest, lookup);
      return inner.map ? { ...inner, map: { ...inner.map, atomic: text[0] === '!' } } : inner;
    }
    default:
      return lookup(text);
  }
}

function listOf(relationship: ListType['relationship'], keys: string[], element: TypeReference): Atom {
  return { list: { relationship, keys, element } };
}
