import type { ErrorCode, ParsedNode } from 'yaml';
import { LineCounter } from 'yaml';
import type { RenderProblem } from '../port';
import { composeTree } from './compose';

export interface SyntaxTree {
  /** Undefined for a document without content. */
  root: ParsedNode | undefined;
  lineOf(offset: number): number;
}

export type SyntaxResult = { ok: true; tree: SyntaxTree } | { ok: false; problems: Omit<RenderProblem, 'file'>[] };

/**
 * Messages of our own for each of the parser's codes: the parser's own messages quote the text, which may be a secret.
 */
const messages: Partial<Record<ErrorCode, readonly [message: string, remedy: string]>> = {
  ALIAS_PROPS: ['an alias carries an anchor or a tag', 'put them where the anchor is defined'],
  BAD_ALIAS: ['an alias or anchor has no valid name', 'name it with letters and digits, or quote the text'],
  BAD_DIRECTIVE: ['directives are not accepted', 'remove the line that begins with %'],
  BAD_DQ_ESCAPE: ['an escape within double quotes is not known', 'double the backslash, or use single quotes'],
  BAD_INDENT: ['the indentation does not fit', 'align it with its neighbours'],
  BAD_PROP_ORDER: ['an anchor or tag stands before the indicator', 'put it after `-`, `?` or `:`'],
  BAD_SCALAR_START: ['a value begins with a reserved character', 'quote the value'],
  BLOCK_AS_IMPLICIT_KEY: ['a map or list begins within a line that is a key already', 'begin it on the next line'],
  BLOCK_IN_FLOW: ['a block map, list or text stands within brackets', 'use the bracketed form, or quotes'],
  KEY_OVER_1024_CHARS: ['a key is longer than 1,024 characters', 'shorten it'],
  MISSING_CHAR: ['a character is missing, such as a colon, comma, bracket or quote', 'complete the line'],
  MULTILINE_IMPLICIT_KEY: ['a key runs over several lines', 'put it on one line'],
  MULTIPLE_ANCHORS: ['a value has two anchors', 'keep one'],
  MULTIPLE_TAGS: ['a value has two tags', 'keep one'],
  RESOURCE_EXHAUSTION: ['maps and lists are nested too deeply', 'flatten the document'],
  TAB_AS_INDENT: ['a tab is used as indentation', 'indent with spaces'],
  TAG_RESOLVE_FAILED: ['a tag is not understood', 'leave the tag out'],
  UNEXPECTED_TOKEN: ['something stands where nothing fits', 'check indentation, brackets and quotes from here up'],
};

/** Reads one document into its tree, every scalar still text. `firstLine` is its first line in the file. */
export function parseSyntax(text: string, firstLine: number, depthLimit: number): SyntaxResult {
  const directive = /^(?:[ \t]*(?:#.*)?\n)*%/.exec(text);
  if (directive) {
    // kubectl splits at `---`, so that a directive has no document, and fails.
    const line = firstLine + directive[0].split('\n').length - 1;
    return { ok: false, problems: [toProblem('BAD_DIRECTIVE', line)] };
  }
  const lines = new LineCounter();
  const { root, second, faults } = composeTree(text, lines, depthLimit);
  const lineOf = (offset: number) => firstLine + Math.max(lines.linePos(offset).line, 1) - 1;
  if (faults.length > 0) {
    // Several faults of one kind on a line are one to people.
    const distinct = new Map(
      faults.map(({ code, offset }) => [`${code} ${lineOf(offset)}`, { code, line: lineOf(offset) }]),
    );
    return { ok: false, problems: [...distinct.values()].map(({ code, line }) => toProblem(code, line)) };
  }
  if (second !== undefined) {
    const message = 'a second document begins after `...`, and kubectl would ignore it';
    return { ok: false, problems: [{ line: lineOf(second), message, remedy: 'begin it with `---`' }] };
  }
  return { ok: true, tree: { root, lineOf } };
}

function toProblem(code: ErrorCode, line: number): Omit<RenderProblem, 'file'> {
  const [message, remedy] = messages[code] ?? ['this is not YAML', 'check indentation, brackets and quotes'];
  return { line, message, remedy };
}
