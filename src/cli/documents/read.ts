import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { CliError } from '../errors';
import { readTextFile } from '../files';
import type { Io } from '../io';

export interface TextFile {
  /** As it was given, for messages. */
  name: string;
  text: string;
}

const maxFiles = 1_000;
const maxFileSizeBytes = 4 * 1024 * 1024;
const maxTotalSizeBytes = 32 * 1024 * 1024;
const extension = /\.(ya?ml|json)$/i;

/** Files, folders (their YAML and JSON files, by name; with `recursive` also those below) and `-` for standard input. */
export async function readFiles(io: Io, names: readonly string[], recursive: boolean): Promise<TextFile[]> {
  const files: TextFile[] = [];
  let sizeBytes = 0;
  const add = (name: string, text: string) => {
    sizeBytes += Buffer.byteLength(text);
    if (files.length >= maxFiles || sizeBytes > maxTotalSizeBytes) {
      throw CliError.usage(`more than ${maxFiles} files, or than ${maxTotalSizeBytes} bytes`, 'apply them in parts');
    }
    files.push({ name, text });
  };
  for (const name of names) {
    if (name === '-') add('standard input', await io.stdin.text(maxFileSizeBytes));
    else if (isFolder(io, name)) {
      const found = filesBelow(io, name, recursive);
      if (found.length === 0)
        throw CliError.usage(`${name} holds no YAML or JSON file`, recursive ? undefined : '-R looks below it');
      for (const file of found) add(file, readTextFile(io, file, maxFileSizeBytes));
    } else add(name, readTextFile(io, name, maxFileSizeBytes));
  }
  return files;
}

function isFolder(io: Io, name: string): boolean {
  return statSync(path.resolve(io.cwd, name), { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function filesBelow(io: Io, folder: string, recursive: boolean): string[] {
  const entries = readdirSync(path.resolve(io.cwd, folder), { withFileTypes: true });
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const name = path.join(folder, entry.name);
      if (entry.isDirectory()) return recursive && !entry.name.startsWith('.') ? filesBelow(io, name, recursive) : [];
      return extension.test(entry.name) ? [name] : [];
    });
}
