import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { CliError } from './errors';
import type { Io } from './io';

/** Throws a CliError that names the file. */
export function readTextFile(io: Pick<Io, 'cwd'>, name: string, maxSizeBytes = 1024 * 1024): string {
  const file = path.resolve(io.cwd, name);
  try {
    const { size } = statSync(file);
    if (size > maxSizeBytes) throw CliError.usage(`${name} is larger than ${maxSizeBytes} bytes`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof CliError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw CliError.usage(
      code === 'ENOENT' ? `there is no file ${name}` : `${name} cannot be read (${code ?? 'unknown error'})`,
    );
  }
}
