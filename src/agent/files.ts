import { rename, writeFile } from 'node:fs/promises';

let written = 0;

/** All of the file or none of it, also when the process dies. Readable by its owner only. */
export async function writeAtomically(file: string, text: string): Promise<void> {
  written += 1;
  const temporary = `${file}.${process.pid}.${written}.tmp`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, file);
}
