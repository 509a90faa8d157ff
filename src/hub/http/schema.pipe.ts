import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
import { type FieldError, Problem } from './problem';
import { validate } from './validation';

const bodyMissing: FieldError = { field: 'body', message: 'is missing; send a JSON object' };

/** `@Body({ schema })`, `@Query({ schema })` and `@Param(name, { schema })`: what does not fit is refused by field. */
@Injectable()
export class SchemaPipe implements PipeTransform {
  transform(value: unknown, { schema, type, data }: ArgumentMetadata): unknown {
    if (schema === undefined) return value;
    if (type === 'body' && (value === undefined || value === null) && !takesNothing(schema as z.ZodType)) {
      throw Problem.invalid([bodyMissing]);
    }
    const outcome = validate(schema as z.ZodType, value, data ?? type);
    if (!outcome.ok) throw Problem.invalid(outcome.errors);
    return outcome.value;
  }
}

function takesNothing(schema: z.ZodType): boolean {
  return schema.safeParse(undefined).success;
}
