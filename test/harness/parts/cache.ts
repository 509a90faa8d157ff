import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { withLock } from './lock';

/** A program that tests need and that is fetched or built once on a machine. */
export interface Part {
  /** One word; the folder in the cache. */
  name: string;
  /** For people: "Apache Kafka 4.3.1 from Maven Central". */
  title: string;
  /** About how long it takes the first time, for people. */
  takes: string;
  /** Files that decide what comes out: another content, another build. */
  recipe: readonly string[];
  /** Fills the empty folder. */
  build(folder: string): Promise<void>;
}

export const cacheFolder = (): string => process.env['FLOTILLA_CACHE'] ?? path.join(homedir(), '.cache', 'flotilla');

/** Where the part is or will be, so that `doctor` can say which. */
export function partFolder(part: Part): string {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}\0`);
  for (const file of part.recipe)
    hash
      .update(`${path.basename(file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return path.join(cacheFolder(), part.name, hash.digest('hex').slice(0, 16));
}

/**
 * The folder with the part; builds it where it is missing, and says so on standard error. Processes that want the same
 * part wait for the first; a build that was interrupted leaves nothing that would be taken for a part.
 */
export async function preparePart(part: Part): Promise<string> {
  const folder = partFolder(part);
  if (existsSync(folder)) return folder;
  mkdirSync(path.dirname(folder), { recursive: true });
  return withLock(`${folder}.lock`, async () => {
    if (existsSync(folder)) return folder;
    say(`getting ${part.title} (${part.takes} the first time) ...`);
    const began = Date.now();
    const temporary = mkdtempSync(`${folder}-`);
    try {
      await part.build(temporary);
      renameSync(temporary, folder);
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
    say(`got ${part.title} in ${Math.round((Date.now() - began) / 1000)} s: ${folder}`);
    return folder;
  });
}

const say = (text: string): boolean => process.stderr.write(`[parts] ${text}\n`);
