import { RENDER_LIMITS } from '../limits';
import type { RenderProblem } from '../port';
import { parseFile } from './parse';

const parse = (content: string | Uint8Array) =>
  parseFile({ path: 'a.yaml', content: typeof content === 'string' ? Buffer.from(content) : content }, RENDER_LIMITS);
const first = (content: string | Uint8Array): RenderProblem | undefined => parse(content).errors[0];
const million = 1_000_000;
const many = 50_000;

describe('hostile manifests end in an error, not in the process', () => {
  it.each([
    ['brackets', '['.repeat(million)],
    ['closed brackets', '['.repeat(million / 2) + ']'.repeat(million / 2)],
    ['braces', '{'.repeat(million)],
    ['dashes on one line', `${'- '.repeat(million / 2)}a`],
    ['question marks', '? '.repeat(million / 2)],
    ['lines', Array.from({ length: 1_400 }, (_, i) => `${' '.repeat(i)}a:\n`).join('')],
    ['brackets just past the limit', `a: ${'['.repeat(64)}${']'.repeat(64)}`],
  ])('nesting by %s', (_name, text) => {
    expect(first(text)?.message).toMatch(/nested/);
  });

  it('takes nesting up to the limit', () => {
    expect(parse(`a: ${'['.repeat(63)}${']'.repeat(63)}`).errors).toEqual([]);
  });

  it.each([
    ['anchors', '&a '.repeat(many)],
    ['tags', '!a '.repeat(many)],
    ['escaped line ends', `a: "${'\\\n'.repeat(many)}"`],
  ])('an error for each of many %s', (_name, text) => {
    expect(parse(text).errors.length).toBeGreaterThan(0);
    expect(parse(text).errors.length).toBeLessThanOrEqual(RENDER_LIMITS.problems);
  });

  it('an alias bomb', () => {
    const levels = 'bcdefghi'.split('').map((name, index) => {
      const below = `*${'abcdefgh'[index] ?? ''}`;
      return `${name}: &${name} [${Array.from({ length: 9 }, () => below).join(', ')}]\n`;
    });
    expect(first(`a: &a [x, x, x]\n${levels.join('')}`)?.message).toMatch(/aliases stand for more than 10000/);
  });

  it('an alias within its own anchor', () => {
    expect(first('a: &a [*a]\n')?.message).toMatch(/within its own anchor/);
  });

  it('a number of a million digits', () => {
    expect(parse(`a: ${'9'.repeat(million)}\n`).errors).toEqual([]);
  });

  it('bad UTF-8', () => {
    expect(first(Uint8Array.from([0x61, 0x3a, 0x20, 0xff, 0xfe]))?.message).toMatch(/UTF-8/);
  });

  it.each(['a: x\n\nb: \0\n', 'a: x\n\nb: "\\0"\n'])('NUL, with its line', (text) => {
    expect(first(text)).toMatchObject({ file: 'a.yaml', line: 3 });
  });

  it.each([
    '__proto__: {polluted: yes}\n',
    'a:\n  "__proto__": {polluted: yes}\n',
    'a: {<<: {__proto__: {polluted: yes}}}',
  ])('a prototype as a key: %s', (text) => {
    expect(first(text)?.message).toMatch(/__proto__/);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('keeps keys that objects have by nature as plain data', () => {
    const [document] = parse('constructor: 1\ntoString: 2\n').documents;
    expect(document?.value).toEqual({ constructor: 1, toString: 2 });
  });

  it('shows no text of the file in errors', () => {
    for (const text of [
      'a: "hunter2',
      'a: {b: hunter2',
      'a: hunter2: b',
      'hunter2\na: b',
      'a: !!int hunter2',
      'a: "\\hunter2"',
    ]) {
      expect(JSON.stringify(parse(text).errors)).not.toContain('hunter2');
      expect(parse(text).errors).not.toEqual([]);
    }
  });
});
