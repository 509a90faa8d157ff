import { z } from 'zod';
import { Problem } from './problem';

/** A name in a path: what was never a name is simply not found, so it is only kept from being harmful. */
export const pathNameSchema = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[^\u0000-\u001f]*$/, 'no control characters');

/** Throws Problem 400 when a document is sent to the address of another one. */
export function namedInPath(path: string, name: string): void {
  if (path !== name) {
    throw Problem.invalid([
      { field: 'metadata.name', message: `is ${name}, but the path says ${path}; a name is never changed` },
    ]);
  }
}
