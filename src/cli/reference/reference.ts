import { processIo } from '../process-io';
import { createProgram } from '../program';
import { referenceOf } from './markdown';

/** The text of docs/reference/cli.md. */
export function cliReference(): string {
  return referenceOf(createProgram(processIo()));
}
