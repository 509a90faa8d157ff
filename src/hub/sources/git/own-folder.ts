/**
 * A folder that one process alone uses, below a root that several may share: each hub has its own, so no lock can be held
 * wrongly and none need be broken. One that was left behind is taken over, with what it holds, by renaming it: of two
 * processes one succeeds, and an owner that was only asleep finds its folder gone and begins a new one.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';

const touchEveryMs = 30_000;
/** Ten touches missed: its process is gone, or might as well be. */
const abandonedAfterMs = 5 * 60_000;
const removedAfterMs = 24 * 3_600_000;
const folderName = /^[0-9a-f-]{36}$/;

/** Of this process, since a number of a process says nothing of one's own earlier lives. */
const inUse = new Set<string>();

export class OwnFolder {
  private claimed: Promise<string> | undefined;
  private touching: NodeJS.Timeout | undefined;

  constructor(private readonly root: string) {}

  /** Claimed at the first call. */
  path(): Promise<string> {
    this.claimed ??= this.claim().catch((error: unknown) => {
      this.claimed = undefined;
      throw error;
    });
    return this.claimed;
  }

  /** Leaves it to whoever comes next. */
  async release(): Promise<void> {
    const folder = await this.claimed?.catch(() => undefined);
    clearInterval(this.touching);
    this.claimed = undefined;
    if (folder === undefined) return;
    await rm(ownerFile(folder), { force: true });
    inUse.delete(folder);
  }

  private async claim(): Promise<string> {
    await mkdir(this.root, { recursive: true, mode: 0o700 });
    const name = randomUUID();
    const folder = join(this.root, name);
    const fresh = join(this.root, `new-${name}`);
    inUse.add(folder);
    const adopted = await this.adopt(fresh);
    if (!adopted) await mkdir(fresh, { mode: 0o700 });
    await writeOwner(fresh);
    await rename(fresh, folder);
    this.touching = setInterval(() => void touch(folder).catch(() => undefined), touchEveryMs);
    this.touching.unref();
    return folder;
  }

  /** The one used last of those that nobody uses; those unused for a day are removed. */
  private async adopt(as: string): Promise<boolean> {
    const now = await this.now();
    const left: { folder: string; usedAt: number }[] = [];
    for (const name of await readdir(this.root)) {
      const folder = join(this.root, name);
      const usedAt = await abandonedSince(folder, now);
      if (usedAt === undefined) continue;
      if (now - usedAt > removedAfterMs) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
      else if (folderName.test(name)) left.push({ folder, usedAt });
    }
    for (const { folder } of left.sort((a, b) => b.usedAt - a.usedAt)) {
      try {
        await rename(folder, as);
        return true;
      } catch {
        // Another process was faster.
      }
    }
    return false;
  }

  /** By the clock of the file system, which may not be ours. */
  private async now(): Promise<number> {
    const probe = join(this.root, `new-${randomUUID()}`);
    await writeFile(probe, '');
    try {
      return (await stat(probe)).mtimeMs;
    } finally {
      await rm(probe, { force: true });
    }
  }
}

/** When it was used last, in milliseconds since 1970; undefined: it is in use, being made, or gone. */
async function abandonedSince(folder: string, now: number): Promise<number | undefined> {
  if (inUse.has(folder)) return undefined;
  try {
    const owner = await readFile(ownerFile(folder), 'utf8').catch(() => undefined);
    const usedAt = (await stat(owner === undefined ? folder : ownerFile(folder))).mtimeMs;
    const isLeft = folderName.test(basename(folder)) && (owner === undefined || isDead(owner));
    return isLeft || now - usedAt > abandonedAfterMs ? usedAt : undefined;
  } catch {
    return undefined;
  }
}

function isDead(owner: string): boolean {
  const [host, text] = owner.split('\n');
  if (host !== hostname()) return false;
  const pid = Number(text);
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

async function touch(folder: string): Promise<void> {
  // Where it was taken over while this process slept, what was fetched since stands in a new one.
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeOwner(folder);
}

async function writeOwner(folder: string): Promise<void> {
  await writeFile(ownerFile(folder), `${hostname()}\n${process.pid}\n`);
}

function ownerFile(folder: string): string {
  return join(folder, 'owner');
}
