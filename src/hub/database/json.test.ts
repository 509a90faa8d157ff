import { jsonParameter, storableText } from './json';

describe('text for PostgreSQL', () => {
  it('has no NUL and no half surrogate pairs', () => {
    expect(storableText('a\0b')).toBe('a\u{FFFD}b');
    expect(storableText('a\u{D800}b')).toBe('a\u{FFFD}b');
    expect(storableText('grinning: 😀')).toBe('grinning: 😀');
  });

  it('leaves a backslash that merely looks like an escape', () => {
    const value = { message: String.raw`a\u0000b`, nested: ['x\0'] };
    expect(JSON.parse(jsonParameter(value))).toEqual({ message: String.raw`a\u0000b`, nested: ['x\u{FFFD}'] });
  });
});
