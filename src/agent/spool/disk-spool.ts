import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../files';
import { type Draft, draftSchema } from '../reports/draft';
import { defaultSpoolLimits, type Spool } from './spool';

const spoolFile = /^(\d{15})-(\d{15})\.json$/;

/** One file a draft, named by session and sequence, so that the order of names is the order of sending. */
export class DiskSpool implements Spool {
  constructor(
    private readonly folder: string,
    private readonly limits = defaultSpoolLimits,
  ) {}

  async load(): Promise<Draft[]> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const names = (await readdir(this.folder)).sort();
    const drafts: Draft[] = [];
    for (const name of names) {
      const draft = spoolFile.test(name) ? await this.read(name) : undefined;
      if (draft !== undefined) drafts.push(draft);
      else await rm(join(this.folder, name), { force: true, recursive: true });
    }
    return drafts.slice(-this.limits.maxDrafts);
  }

  async save(draft: Draft): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    // The monotonic clock of this process means nothing to the next.
    await writeAtomically(this.fileOf(draft), JSON.stringify({ ...draft, madeAtMs: undefined }));
  }

  async remove(draft: Draft): Promise<void> {
    await rm(this.fileOf(draft), { force: true });
  }

  /** Undefined for a file that is damaged or of another version. */
  private async read(name: string): Promise<Draft | undefined> {
    try {
      return draftSchema.parse(JSON.parse(await readFile(join(this.folder, name), 'utf8')));
    } catch {
      return undefined;
    }
  }

  private fileOf({ session, sequence }: Draft): string {
    return join(this.folder, `${padded(session)}-${padded(sequence)}.json`);
  }
}

function padded(count: number): string {
  return String(count).padStart(15, '0');
}
