import type { JsonValue } from '#libs/kubernetes/object';
import type { RenderLimits } from '../limits';
import type { Origin, RenderFile, RenderProblem } from '../port';
import { bindAliases } from './aliases';
import { convertDocument } from './convert';
import { decodeText } from './decode';
import { findDisagreement } from './disagreement';
import { splitDocuments, type Chunk } from './split';
import { parseSyntax } from './syntax';

export interface YamlDocument {
  value: JsonValue;
  origin: Required<Origin>;
  barePlaceholders: ReadonlySet<string>;
}

export interface ParsedFile {
  documents: YamlDocument[];
  errors: RenderProblem[];
  /** Empty ones included. */
  documentCount: number;
}

type ChunkResult =
  { ok: true; document?: Omit<YamlDocument, 'origin'>; line: number } | { ok: false; errors: Located[] };
type Located = Omit<RenderProblem, 'file' | 'document'>;

/** Reads a file as kubectl does. Documents without content are left out. */
export function parseFile(file: RenderFile, limits: RenderLimits): ParsedFile {
  const failed = (problem: RenderProblem): ParsedFile => {
    return { documents: [], errors: [{ file: file.path, ...problem }], documentCount: 0 };
  };
  const decoded = decodeText(file.content);
  if (!decoded.ok) return failed(decoded.problem);
  const split = splitDocuments(decoded.text);
  if (!split.ok) return failed(split.problem);
  const parsed: ParsedFile = { documents: [], errors: [], documentCount: split.chunks.length };
  if (split.chunks.length > limits.documents) return parsed;
  for (const chunk of split.chunks) {
    const at = { file: file.path, document: chunk.document };
    const result = parseChunk(chunk, limits);
    if (!result.ok) parsed.errors.push(...result.errors.map((error) => ({ ...at, ...error })));
    else if (result.document) parsed.documents.push({ ...result.document, origin: { ...at, line: result.line } });
  }
  return parsed;
}

function parseChunk(chunk: Chunk, limits: RenderLimits): ChunkResult {
  const syntax = parseSyntax(chunk.text, chunk.line, limits.depth);
  if (!syntax.ok) return { ok: false, errors: syntax.problems };
  const { root, lineOf } = syntax.tree;
  if (!root) return { ok: true, line: chunk.line };
  const bound = bindAliases(root, limits.depth);
  if (!bound.ok) {
    const line = lineOf(bound.node.range?.[0] ?? 0);
    return { ok: false, errors: [{ line, ...unbound(bound.reason, limits) }] };
  }
  const disagreement = findDisagreement(root, chunk.text);
  if (disagreement) {
    const { offset, message, remedy } = disagreement;
    return { ok: false, errors: [{ line: lineOf(offset), message, remedy }] };
  }
  const result = convertDocument({ root, targets: bound.targets, lineOf, limits });
  if (!result.ok) return { ok: false, errors: result.problems };
  const line = lineOf(root.range[0]);
  return result.converted.value === null ? { ok: true, line } : { ok: true, document: result.converted, line };
}

function unbound(reason: 'tooDeep' | 'unknownAnchor', limits: RenderLimits): { message: string; remedy: string } {
  switch (reason) {
    case 'tooDeep': {
      const message = `maps and lists are nested more than ${limits.depth} deep`;
      return { message, remedy: 'flatten the document' };
    }
    case 'unknownAnchor': {
      const message = 'an alias names an anchor that is not defined before it in this document';
      return { message, remedy: 'define the anchor, or quote a value that begins with *' };
    }
  }
}
