import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

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
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.file = path.join(folder, 'settings.json');
    if (existsSync(this.file)) this.settings = this.read();
    else {
      this.settings = { encryptionKey: randomBytes(32).toString('base64') };
      this.write();
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
    const parsed = settingsSchema.safeParse(JSON.parse(readFileSync(this.file, 'utf8')));
    if (!parsed.success) {
      throw new Error(
        `${this.file} is not what an earlier start wrote; put it back, or remove its folder to begin anew`,
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
