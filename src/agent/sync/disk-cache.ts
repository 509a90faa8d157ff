import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import type { Digest } from '#libs/protocol/digest';
import { writeAtomically } from '../files';
import { cacheText, type Held, isSensitive, type NodeCache, parseHeld } from './cache';

const concurrentFiles = 16;
const nodeFile = /^[0-9a-f]{64}\.json$/;

/** `held.json` and `nodes/<digest>.json` below a folder that is only the agent's. */
export class DiskCache implements NodeCache {
  private readonly nodesFolder: string;
  private readonly limit = pLimit(concurrentFiles);
  private present: Set<string> | undefined;

  constructor(private readonly folder: string) {
    this.nodesFolder = join(folder, 'nodes');
  }

  async held(): Promise<Held> {
    return parseHeld(await readOrEmpty(join(this.folder, 'held.json')));
  }

  async hold(held: Held): Promise<void> {
    await this.files();
    await writeAtomically(join(this.folder, 'held.json'), JSON.stringify(held));
  }

  async node(digest: Digest): Promise<unknown> {
    const text = await readOrEmpty(this.fileOf(digest));
    try {
      return text === '' ? undefined : JSON.parse(text);
    } catch {
      return undefined;
    }
  }

  async save(nodes: Parameters<NodeCache['save']>[0]): Promise<void> {
    const present = await this.files();
    const writes: Promise<void>[] = [];
    for (const [digest, node] of nodes) {
      if (isSensitive(node) || present.has(digest)) continue;
      writes.push(
        this.limit(async () => {
          await writeAtomically(this.fileOf(digest), cacheText(node));
          present.add(digest);
        }),
      );
    }
    await Promise.all(writes);
  }

  async retain(digests: ReadonlySet<string>): Promise<void> {
    const present = await this.files();
    const left = [...present].filter((digest) => !digests.has(digest));
    await Promise.all(
      left.map((digest) =>
        this.limit(async () => {
          await rm(this.fileOf(digest), { force: true });
          present.delete(digest);
        }),
      ),
    );
  }

  /** Digests of the files; what else lies there (a write that was cut short) is removed. */
  private async files(): Promise<Set<string>> {
    if (this.present !== undefined) return this.present;
    await mkdir(this.nodesFolder, { recursive: true, mode: 0o700 });
    const names = await readdir(this.nodesFolder);
    await Promise.all(
      names.filter((name) => !nodeFile.test(name)).map((name) => rm(join(this.nodesFolder, name), { force: true })),
    );
    this.present = new Set(names.filter((name) => nodeFile.test(name)).map((name) => name.slice(0, 64)));
    return this.present;
  }

  private fileOf(digest: string): string {
    return join(this.nodesFolder, `${digest}.json`);
  }
}

async function readOrEmpty(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
