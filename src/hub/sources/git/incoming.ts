/** What git leaves in a repository while a pack comes in, and forever when it is killed. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

export async function incomingBytes(gitdir: string): Promise<number> {
  let sizeBytes = 0;
  for (const file of await incomingFiles(gitdir)) sizeBytes += (await stat(file).catch(() => ({ size: 0 }))).size;
  return sizeBytes;
}

export async function removeIncoming(gitdir: string): Promise<void> {
  for (const file of await incomingFiles(gitdir)) await rm(file, { force: true });
}

async function incomingFiles(gitdir: string): Promise<string[]> {
  const folder = join(gitdir, 'objects', 'pack');
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.startsWith('tmp_')).map((name) => join(folder, name));
}
