import type { RenderProblem } from '../port';

export type Decoded = { ok: true; text: string } | { ok: false; problem: Omit<RenderProblem, 'file'> };

const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;
const loneReturn = /\r(?!\n)/;
// YAML 1.1, so kubectl, breaks lines at these; YAML 1.2, so our parser, does not.
const otherBreaks = /[\u0085\u2028\u2029]/;

/**
 * Bytes to text that kubectl and our parser understand alike: UTF-8, no control characters, lines that end with `\n`
 * (`\r\n` is made so, as kubectl does). What the two would read differently is refused.
 */
export function decodeText(content: Uint8Array): Decoded {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return refuse('the file is not valid UTF-8', 'save it as UTF-8, or move what is no manifest out of this path');
  }
  const control = forbidden.exec(text);
  if (control) {
    const name = `U+${text.charCodeAt(control.index).toString(16).toUpperCase().padStart(4, '0')}`;
    const remedy = 'remove it, or write it as an escape within double quotes';
    return refuse(`the control character ${name} is not allowed`, remedy, lineAt(text, control.index));
  }
  const lone = loneReturn.exec(text);
  if (lone) return refuse('a carriage return stands alone', 'end lines with \\n or \\r\\n', lineAt(text, lone.index));
  const isJson = /^\s*\{/.test(text);
  const other = isJson ? null : otherBreaks.exec(text);
  if (other) {
    const name = `U+${text.charCodeAt(other.index).toString(16).toUpperCase().padStart(4, '0')}`;
    const remedy = 'write it as an escape within double quotes';
    return refuse(`YAML 1.1 takes the character ${name} for the end of a line`, remedy, lineAt(text, other.index));
  }
  return { ok: true, text: text.replaceAll('\r\n', '\n') };
}

function refuse(message: string, remedy: string, line?: number): Decoded {
  return { ok: false, problem: line === undefined ? { message, remedy } : { message, remedy, line } };
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
