import type { RenderProblem } from '../port';

export interface Chunk {
  text: string;
  /** Of its first line in the file, from 1. */
  line: number;
  /** From 1. */
  document: number;
}

export type Split = { ok: true; chunks: Chunk[] } | { ok: false; problem: Omit<RenderProblem, 'file'> };

/**
 * Splits a file at the lines that begin with `---`, before any YAML is read, as kubectl does: so only space and comments
 * may follow on that line.
 */
export function splitDocuments(text: string): Split {
  const chunks: Chunk[] = [];
  let start = 0;
  let startLine = 1;
  let line = 1;
  const push = (end: number) => {
    chunks.push({ text: text.slice(start, end), line: startLine, document: chunks.length + 1 });
  };
  for (let at = 0; at < text.length; line += 1) {
    const newline = text.indexOf('\n', at);
    const next = newline < 0 ? text.length : newline + 1;
    if (text.startsWith('---', at)) {
      const rest = text.slice(at + 3, next).trim();
      if (rest !== '' && !rest.startsWith('#')) {
        const remedy = 'begin the document on the line after `---`';
        return { ok: false, problem: { line, message: 'only a comment may follow `---` on its line', remedy } };
      }
      // A `---` that opens the file ends no document.
      if (chunks.length > 0 || !isBlank(text.slice(start, at))) push(at);
      start = next;
      startLine = line + 1;
    }
    at = next;
  }
  push(text.length);
  return { ok: true, chunks };
}

function isBlank(text: string): boolean {
  return /^(?:[ \t]*(?:#.*)?(?:\n|$))*$/.test(text);
}
