import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Of the package that this program is part of. */
export function version(): string {
  let folder = __dirname;
  while (!existsSync(path.join(folder, 'package.json'))) {
    const above = path.dirname(folder);
    if (above === folder) return 'unknown';
    folder = above;
  }
  return (JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}
