import type { z } from 'zod';
import { check, fieldPath } from '#libs/validation/issues';
import type { FieldError } from './problem';

export type Validated<T> = { ok: true; value: T } | { ok: false; errors: FieldError[] };

/** Checks a value and says every field that is wrong; unknown fields by name, with what was probably meant. */
export function validate<S extends z.ZodType>(schema: S, value: unknown, root = 'body'): Validated<z.output<S>> {
  const checked = check(schema, value);
  if (checked.ok) return checked;
  return { ok: false, errors: checked.issues.map(({ path, message }) => ({ field: fieldPath(path, root), message })) };
}
