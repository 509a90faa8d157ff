import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { StartProblem } from './problem';

/** What a start finds again: the key that everything at rest is sealed with, and the administrator's token. */
const settingsSchema = z.strictObject({
  encryptionKey: z.string(),
  adminToken: z.string().optional(),
  /** Folder of the demonstration's repository. */
  demoRepository: z.string().optional(),
});
export type Settings = z.infer<typeof settingsSchema>;

export class SettingsFile {
  private readonly file: string;
  private settings: Settings;

  /** @param folder is made when it is missing, closed to everybody else */
  constructor(folder: string) {
    this.file = path.join(folder, 'settings.json');
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // Written in any case, so that a folder that cannot be written is noticed now.
      this.settings = existsSync(this.file) ? this.read() : { encryptionKey: randomBytes(32).toString('base64') };
      this.write();
    } catch (error) {
      throw problemOf(error as NodeJS.ErrnoException, folder);
    }
  }

  get(): Readonly<Settings> {
    return this.settings;
  }

  update(change: Partial<Settings>): void {
    this.settings = { ...this.settings, ...change };
    this.write();
  }

  private read(): Settings {
    const parsed = settingsSchema.safeParse(parseOrUndefined(readFileSync(this.file, 'utf8')));
    if (!parsed.success) {
      throw new StartProblem(
        `${this.file} is not what an earlier start wrote`,
        'put it back from a copy, or remove its folder to begin anew',
      );
    }
    return parsed.data;
  }

  private write(): void {
    const temporary = `${this.file}.new`;
    writeFileSync(temporary, `${JSON.stringify(this.settings, null, 2)}\n`, { mode: 0o600 });
    chmodSync(temporary, 0o600);
    renameSync(temporary, this.file);
  }
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const reasons: Record<string, string> = {
  EACCES: 'it is not for you to write',
  EPERM: 'it is not for you to write',
  EROFS: 'it is on a file system that is read-only',
  EEXIST: 'that is a file',
  ENOTDIR: 'it is below a file',
  ENOSPC: 'the disk is full',
};

function problemOf(error: NodeJS.ErrnoException, folder: string): Error {
  const reason = reasons[error.code ?? ''];
  if (reason === undefined) return error;
  return new StartProblem(
    `data cannot be kept in ${folder}: ${reason}`,
    'choose another folder: `npm start -- --data-folder FOLDER`',
  );
}
