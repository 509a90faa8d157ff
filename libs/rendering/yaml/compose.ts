import type { CST, ErrorCode, LineCounter, ParsedNode } from 'yaml';
import { Composer, Lexer, Parser } from 'yaml';

export interface SyntaxFault {
  code: ErrorCode;
  offset: number;
}

export interface Composed {
  /** Undefined without content, and when there are faults. */
  root: ParsedNode | undefined;
  /** Where a second document begins. */
  second: number | undefined;
  faults: SyntaxFault[];
}

/** What follows the first fault is mostly its consequence, and there can be one for each byte. */
const mostFaults = 10;

class TooManyFaults extends Error {}

/** Builds the tree of one document with the library's own stages, so that each can be stopped in time. */
export function composeTree(text: string, lines: LineCounter, depthLimit: number): Composed {
  const cut = cutTokens(text, lines, depthLimit);
  if (cut.faults.length > 0) return { root: undefined, second: undefined, faults: cut.faults };
  const faults: SyntaxFault[] = [];
  const composer = new Composer<ParsedNode>({
    version: '1.1',
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  stopEarly(composer, faults);
  try {
    const [first, second] = [...composer.compose(cut.tokens, false, text.length)];
    for (const error of first?.errors ?? []) faults.push({ code: error.code, offset: error.pos[0] });
    for (const error of second?.errors ?? []) faults.push({ code: error.code, offset: error.pos[0] });
    const root = faults.length === 0 ? (first?.contents ?? undefined) : undefined;
    return { root, second: second?.range[0], faults: faults.slice(0, mostFaults) };
  } catch (error) {
    if (!(error instanceof TooManyFaults)) throw error;
    return { root: undefined, second: undefined, faults };
  }
}

/**
 * The library builds and resolves what is nested by recursion, and the end of the stack can be the end of the process
 * (a regular expression compiled there aborts it), so depth is watched while tokens come in: before anything recurses.
 */
function cutTokens(
  text: string,
  lines: LineCounter,
  depthLimit: number,
): { tokens: CST.Token[]; faults: SyntaxFault[] } {
  lines.addNewLine(0);
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  const faults: SyntaxFault[] = [];
  let documents = 0;
  const take = (token: CST.Token) => {
    tokens.push(token);
    if (token.type === 'error') faults.push({ code: 'UNEXPECTED_TOKEN', offset: token.offset });
    if (token.type === 'document') documents += 1;
  };
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) take(token);
    // The document and the innermost scalar are on it too.
    if (parser.stack.length > depthLimit + 2) {
      return { tokens, faults: [{ code: 'RESOURCE_EXHAUSTION', offset: parser.offset }] };
    }
    if (faults.length >= mostFaults || documents > 1) return { tokens, faults };
  }
  for (const token of parser.end()) take(token);
  return { tokens, faults };
}

/**
 * The library makes an Error for each fault: half a million of them in a small hostile file are ten seconds. Its own
 * collector is replaced by one that ends; were it named otherwise, only that time would be back.
 */
function stopEarly(composer: Composer<ParsedNode>, faults: SyntaxFault[]): void {
  type Source = number | [number, number] | [number, number, number] | { offset: number };
  const internals = composer as unknown as {
    onError(source: Source, code: ErrorCode, message: string, warning?: boolean): void;
  };
  internals.onError = (source, code, _message, warning) => {
    if (warning === true) return;
    const offset = typeof source === 'number' ? source : Array.isArray(source) ? source[0] : source.offset;
    faults.push({ code, offset });
    if (faults.length >= mostFaults) throw new TooManyFaults();
  };
}
