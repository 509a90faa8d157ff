import { resolvePlain, type Resolved } from './scalar';

const core = 'tag:yaml.org,2002:';
const timestamp =
  /^\d{4}-\d{1,2}-\d{1,2}(?:(?:[Tt]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d\d:\d\d))| \d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?)?$/;

/** Resolves a scalar by its tag, which is as long as it gets: `tag:yaml.org,2002:int`. */
export function resolveTagged(tag: string, text: string): Resolved {
  switch (tag) {
    case `${core}str`:
      return { type: 'string', value: text };
    case `${core}binary`:
      return decodeBinary(text);
    case `${core}bool`:
      return expect('boolean', resolvePlain(text), '!!bool');
    case `${core}int`:
      return expect('integer', resolvePlain(text), '!!int');
    case `${core}null`:
      return expect('null', resolvePlain(text), '!!null');
    case `${core}float`:
      return expectFloat(resolvePlain(text));
    case `${core}timestamp`:
      return timestamp.test(text) ? { type: 'string', value: text } : misfit('!!timestamp');
    default:
      // `!` and tags of one's own.
      return { type: 'string', value: text };
  }
}

function expect(type: Resolved['type'], resolved: Resolved, tag: string): Resolved {
  return resolved.type === type ? resolved : misfit(tag);
}

function expectFloat(resolved: Resolved): Resolved {
  if (resolved.type === 'integer') return { type: 'float', value: Number(resolved.value) };
  return expect('float', resolved, '!!float');
}

function misfit(tag: string): Resolved {
  return { type: 'invalid', message: `the value is no ${tag}`, remedy: 'correct the value, or leave the tag out' };
}

function decodeBinary(text: string): Resolved {
  const remedy = 'leave the tag out: Kubernetes takes binary data as base64 text';
  const encoded = text.replaceAll('\n', '');
  if (encoded.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) {
    return { type: 'invalid', message: 'the !!binary value is not base64', remedy };
  }
  try {
    const value = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(encoded, 'base64'));
    return { type: 'string', value };
  } catch {
    return { type: 'invalid', message: 'the !!binary value is not text, and JSON holds only text', remedy };
  }
}
