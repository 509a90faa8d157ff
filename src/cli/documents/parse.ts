import { type Document, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import type { TextFile } from './read';

/** One document of a file. */
export interface RawDocument {
  value: unknown;
  /** `fleet.yaml:12`, of a field or of the nearest that there is above it. */
  at(path: readonly PropertyKey[]): string;
}

export type ParsedFile = { ok: true; documents: RawDocument[] } | { ok: false; errors: string[] };

/** The documents of a YAML or JSON file; empty ones are left out. */
export function parseFile({ name, text }: TextFile): ParsedFile {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const documents = Array.isArray(parsed) ? parsed : [];
  const errors = documents.flatMap((document) =>
    document.errors.map(({ message, pos }) => `${name}:${lines.linePos(pos[0]).line}: ${message}`),
  );
  if (errors.length > 0) return { ok: false, errors };
  const raw: RawDocument[] = [];
  for (const document of documents) {
    if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) continue;
    try {
      const at = (path: readonly PropertyKey[]) => `${name}:${lines.linePos(positionOf(document, path)).line}`;
      raw.push({ value: document.toJS({ maxAliasCount: 100 }), at });
    } catch (error) {
      errors.push(`${name}: ${(error as Error).message}`);
    }
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, documents: raw };
}

function positionOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let position = document.contents?.range[0] ?? 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
      if (pair === undefined) break;
      position = (isScalar(pair.key) ? pair.key.range?.[0] : undefined) ?? position;
      node = pair.value;
    } else if (isSeq(node) && typeof part === 'number') {
      node = node.items[part];
      position = (node as { range?: [number] } | undefined)?.range?.[0] ?? position;
    } else break;
  }
  return position;
}
