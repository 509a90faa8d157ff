/** NUL, and halves of surrogate pairs: with the flag `u`, whole pairs are not matched. */
const unstorable = /[\0\u{D800}-\u{DFFF}]/gu;

/**
 * As a parameter of type jsonb, for what comes from outside: PostgreSQL knows no text with NUL or half a surrogate pair in
 * it, and refuses the whole statement for one. Such characters become U+FFFD.
 */
export function jsonParameter(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => (typeof member === 'string' ? storableText(member) : member));
}

/** As a parameter of type text. */
export function storableText(text: string): string {
  return text.replaceAll(unstorable, '\u{FFFD}');
}
