/**
 * Which repositories are large: more in one pack than a hub should hold in memory. Where the system's `git` is there, their
 * packs go to disk through it, without the contents of files where the server can leave them out, and objects are read
 * through it; contents are brought when a folder is about to be read. Small ones, and all where there is no git, are read
 * by isomorphic-git, which needs no other program but the whole pack in memory.
 */
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UnreadableRepository } from './failure';
import { runGit } from './run-git';

const marker = 'flotilla-large';
const lookTimeoutMs = 10_000;

export interface LargeOptions {
  /** From how many bytes of packs on. */
  fromBytes: number;
  /** Whether to use the system's git where it is there. */
  withGit: boolean;
}

export class LargeRepositories {
  /** Also those whose cache is gone for the moment. */
  private readonly known = new Set<string>();
  private found: Promise<boolean> | undefined;

  constructor(private readonly options: LargeOptions) {}

  get fromBytes(): number {
    return this.options.fromBytes;
  }

  /** Whether there is a git on the PATH. */
  async hasGit(): Promise<boolean> {
    if (!this.options.withGit) return false;
    const signal = AbortSignal.timeout(lookTimeoutMs);
    this.found ??= runGit({ args: ['--version'], env: {}, signal, maxOutputBytes: 4096 }).then(
      ({ code }) => code === 0,
      () => false,
    );
    return await this.found;
  }

  /** Whether contents may be missing here though their trees are there. */
  async isLarge(gitdir: string): Promise<boolean> {
    if (!(await this.hasGit())) return false;
    if (this.options.fromBytes === 0 || this.known.has(gitdir)) return true;
    const isMarked = await stat(join(gitdir, marker)).then(
      () => true,
      () => false,
    );
    if (isMarked) this.known.add(gitdir);
    return isMarked;
  }

  async mark(gitdir: string): Promise<void> {
    this.known.add(gitdir);
    await writeFile(join(gitdir, marker), '');
  }

  /** Also what came over SSH, where git is needed anyway, and is larger than memory should hold. */
  async isReadByGit(gitdir: string): Promise<boolean> {
    if (await this.isLarge(gitdir)) return true;
    return (await packedBytes(gitdir)) > this.options.fromBytes && (await this.hasGit());
  }
}

async function packedBytes(gitdir: string): Promise<number> {
  const folder = join(gitdir, 'objects', 'pack');
  let sizeBytes = 0;
  for (const name of await readdir(folder).catch(() => [])) {
    if (name.endsWith('.pack')) sizeBytes += (await stat(join(folder, name)).catch(() => ({ size: 0 }))).size;
  }
  return sizeBytes;
}

const missingTimeoutMs = 60_000;
const maxMissingBytes = 16 * 1024 * 1024;

/** Which of the objects are not here. */
export async function missingObjects(gitdir: string, oids: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await runGit({
    args: [`--git-dir=${gitdir}`, 'cat-file', '--batch-check=%(objectname)', '--buffer'],
    env: { GIT_ALLOW_PROTOCOL: 'none', GIT_NO_LAZY_FETCH: '1' },
    input: oids.map((oid) => `${oid}\n`).join(''),
    signal: AbortSignal.timeout(missingTimeoutMs),
    maxOutputBytes: maxMissingBytes,
  });
  if (code !== 0) throw new UnreadableRepository(stderr.trim());
  return stdout.split('\n').flatMap((line) => (line.endsWith(' missing') ? [line.slice(0, -' missing'.length)] : []));
}
