import type { Document, ErrorCode, ParsedNode } from 'yaml';
import { Composer, Lexer, LineCounter, Parser, type CST } from 'yaml';
import type { RenderProblem } from '../port';

export interface SyntaxTree {
  /** Undefined for a document without content. */
  root: ParsedNode | undefined;
  lineOf(offset: number): number;
}

export type SyntaxResult = { ok: true; tree: SyntaxTree } | { ok: false; problems: Omit<RenderProblem, 'file'>[] };

/**
 * Messages of our own for each of the parser's codes: the parser's own messages quote the text, which may be a secret.
 */
const messages: Partial<Record<ErrorCode | 'RESOURCE_EXHAUSTION', readonly [message: string, remedy: string]>> = {
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

/** Of one document: what follows the first is mostly its consequence, and there can be one for each byte. */
const mostErrors = 10;

/** Reads one document into its tree, every scalar still text. `firstLine` is its first line in the file. */
export function parseSyntax(text: string, firstLine: number, depthLimit: number): SyntaxResult {
  const directive = /^(?:[ \t]*(?:#.*)?\n)*%/.exec(text);
  if (directive) {
    // kubectl splits at `---`, so that a directive has no document, and fails.
    const line = firstLine + directive[0].split('\n').length - 1;
    return { ok: false, problems: [toProblem('BAD_DIRECTIVE', line)] };
  }
  const lines = new LineCounter();
  const documents = compose(text, lines, depthLimit);
  if (!documents) return { ok: false, problems: [toProblem('RESOURCE_EXHAUSTION', firstLine)] };
  const lineOf = (offset: number) => firstLine + Math.max(lines.linePos(offset).line, 1) - 1;
  const errors = documents.flatMap((document) => document.errors).slice(0, mostErrors);
  if (errors.length > 0) {
    return { ok: false, problems: errors.map((error) => toProblem(error.code, lineOf(error.pos[0]))) };
  }
  const second = documents[1];
  if (second) {
    const message = 'a second document begins after `...`, and kubectl would ignore it';
    return { ok: false, problems: [{ line: lineOf(second.range[0]), message, remedy: 'begin it with `---`' }] };
  }
  return { ok: true, tree: { root: documents[0]?.contents ?? undefined, lineOf } };
}

/**
 * Undefined when it is nested too deeply. The library builds and resolves what is nested by recursion, and the end of the
 * stack can be the end of the process, so depth is watched while tokens come in: before anything recurses.
 */
function compose(text: string, lines: LineCounter, depthLimit: number): Document.Parsed[] | undefined {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    // The document and the innermost scalar are on it too.
    if (parser.stack.length > depthLimit + 2) return undefined;
  }
  for (const token of parser.end()) tokens.push(token);
  const composer = new Composer({
    version: '1.1',
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter: lines,
  });
  return Array.from(composer.compose(tokens, false, text.length)) as Document.Parsed[];
}

function toProblem(code: ErrorCode | 'RESOURCE_EXHAUSTION', line: number): Omit<RenderProblem, 'file'> {
  const [message, remedy] = messages[code] ?? ['this is not YAML', 'check indentation, brackets and quotes'];
  return { line, message, remedy };
}
