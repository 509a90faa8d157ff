import { z } from 'zod';
import { validate } from './validation';

const schema = z.strictObject({
  name: z.string(),
  sizes: z.array(z.strictObject({ width: z.number() })).optional(),
  log: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('embedded') }),
      z.strictObject({ kind: z.literal('kafka'), brokers: z.array(z.string()).min(1) }),
    ])
    .optional(),
  limits: z.strictObject({ maxObjects: z.number().default(1) }).prefault({}),
});

const errors = (value: unknown) => {
  const outcome = validate(schema, value);
  return outcome.ok ? [] : outcome.errors.map(({ field, message }) => `${field}: ${message}`);
};

describe('validation', () => {
  it('gives the value with its defaults', () => {
    expect(validate(schema, { name: 'a' })).toEqual({ ok: true, value: { name: 'a', limits: { maxObjects: 1 } } });
  });

  it('names every field that is wrong', () => {
    expect(errors({ sizes: [{ width: 1 }, { width: 'x' }] })).toEqual([
      'name: is missing',
      'sizes[1].width: expected number, received string',
    ]);
    expect(errors('text')).toEqual(['body: expected object, received string']);
  });

  it.each([
    [{ name: 'a', nmae: 'b' }, 'nmae: there is no such field; did you mean "name"?'],
    [{ name: 'a', sizes: [{ width: 1, wdith: 2 }] }, 'sizes[0].wdith: there is no such field; did you mean "width"?'],
    [{ name: 'a', limits: { maxObject: 2 } }, 'limits.maxObject: there is no such field; did you mean "maxObjects"?'],
    [
      { name: 'a', log: { kind: 'kafka', brokers: ['b'], broker: 'b' } },
      'log.broker: there is no such field; did you mean "brokers"?',
    ],
  ])('says what was probably meant in %j', (value, message) => {
    expect(errors(value)).toEqual([message]);
  });
});
