/** The bare repositories below the data folder: `<dataFolder>/repositories/<of this process>/<sourceId>/<digest of the address>`. */
import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import git from 'isomorphic-git';
import { OwnFolder } from './own-folder';
import { writeAtomically } from './pack-store';
import type { SourceLocation } from './port';

const trashPattern = /\.trash-[0-9a-f-]{36}$/;
const largeFactor = 8;
const sourceIdPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

export class RepositoryCache {
  private readonly own: OwnFolder;

  constructor(
    dataFolder: string,
    private readonly maxPacks: number,
  ) {
    this.own = new OwnFolder(join(dataFolder, 'repositories'));
  }

  /** By address too, so that a source that is pointed elsewhere cannot read what its former repository held. */
  async gitdirOf({ sourceId, url }: SourceLocation): Promise<string> {
    const digest = createHash('sha256').update(url).digest('hex').slice(0, 16);
    return join(await this.folderOf(sourceId), digest);
  }

  /** The repository of that source, made when it is missing; those of its former addresses are removed. */
  async open(location: SourceLocation): Promise<string> {
    const gitdir = await this.gitdirOf(location);
    const folder = await this.folderOf(location.sourceId);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(folder)) {
      if (join(folder, name) !== gitdir) await rm(join(folder, name), { recursive: true, force: true });
    }
    if (fs.existsSync(join(gitdir, 'HEAD'))) return gitdir;
    const fresh = join(folder, `new-${randomUUID()}`);
    await git.init({ fs, gitdir: fresh, bare: true });
    await rm(gitdir, { recursive: true, force: true });
    await rename(fresh, gitdir);
    return gitdir;
  }

  /** Throws away what is there, at once for readers. */
  async drop(location: SourceLocation): Promise<void> {
    await this.remove(await this.gitdirOf(location));
  }

  async forget(sourceId: string): Promise<void> {
    await this.remove(await this.folderOf(sourceId));
  }

  /** Of which something is here. What a crash left half removed goes. */
  async sourceIds(): Promise<string[]> {
    const folder = await this.own.path();
    const names = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    const trash = names.filter(({ name }) => trashPattern.test(name));
    for (const { name } of trash) await rm(join(folder, name), { recursive: true, force: true });
    return names.filter((entry) => !trash.includes(entry)).map(({ name }) => name);
  }

  /** Leaves what is there to the next process. */
  async close(): Promise<void> {
    await this.own.release();
  }

  /** A pack is added with each fetch, and each lookup asks every pack: beyond so many it is better to begin anew. */
  async isCluttered(gitdir: string, isLarge: boolean): Promise<boolean> {
    const names = await readdir(join(gitdir, 'objects', 'pack')).catch(() => []);
    // One that is large comes in more and smaller packs, is dearer to begin anew, and git finds its way in many.
    const maxPacks = isLarge ? this.maxPacks * largeFactor : this.maxPacks;
    return names.filter((name) => name.endsWith('.idx')).length >= maxPacks;
  }

  private async folderOf(sourceId: string): Promise<string> {
    if (!sourceIdPattern.test(sourceId)) throw new Error(`"${sourceId}" is no id of a source`);
    return join(await this.own.path(), sourceId);
  }

  private async remove(folder: string): Promise<void> {
    const trash = `${folder}.trash-${randomUUID()}`;
    try {
      await rename(folder, trash);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    await rm(trash, { recursive: true, force: true });
  }
}

const lastRef = 'refs/flotilla/last';

/** The commit that was fetched last and is there with its tree: what is offered to the server as already known. */
export async function readLast(gitdir: string): Promise<string | undefined> {
  const text = await readFile(join(gitdir, lastRef), 'utf8').catch(() => '');
  return /^[0-9a-f]{40}$/.test(text.trim()) ? text.trim() : undefined;
}

export async function writeLast(gitdir: string, commit: string): Promise<void> {
  await mkdir(join(gitdir, 'refs', 'flotilla'), { recursive: true });
  await writeAtomically(join(gitdir, lastRef), `${commit}\n`);
}
