/** Puts packs into a bare repository: a reader sees a pack whole, with its index, or not at all. */
import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import git from 'isomorphic-git';
import { UnreadableRepository } from './failure';
import { MalformedPkt } from './pkt-line';

const trailerBytes = 20;
const emptyPackBytes = 12 + trailerBytes;

/** Writes, verifies and indexes a pack. An empty one is dropped. */
export async function storePack(gitdir: string, pack: AsyncIterable<Buffer>): Promise<void> {
  const incoming = join(gitdir, 'incoming');
  await mkdir(incoming, { recursive: true });
  const name = randomUUID();
  const file = join(incoming, `${name}.pack`);
  const index = join(incoming, `${name}.idx`);
  try {
    const { sha, sizeBytes } = await writePack(file, pack);
    if (sizeBytes <= emptyPackBytes) return;
    await indexPack(gitdir, incoming, `${name}.pack`);
    const packs = join(gitdir, 'objects', 'pack');
    await mkdir(packs, { recursive: true });
    // Readers look for the index, so it comes last.
    await rename(file, join(packs, `pack-${sha}.pack`));
    await rename(index, join(packs, `pack-${sha}.idx`));
  } finally {
    await rm(file, { force: true });
    await rm(index, { force: true });
  }
}

/** Its checksum is right, so what cannot be indexed leans on objects here that are broken or missing. */
async function indexPack(gitdir: string, dir: string, filepath: string): Promise<void> {
  try {
    await git.indexPack({ fs, dir, gitdir, filepath });
  } catch (error) {
    throw new UnreadableRepository(error);
  }
}

async function writePack(file: string, pack: AsyncIterable<Buffer>): Promise<{ sha: string; sizeBytes: number }> {
  const hash = createHash('sha1');
  let tail: Buffer = Buffer.alloc(0);
  let sizeBytes = 0;
  const handle = await open(file, 'wx', 0o600);
  try {
    for await (const chunk of pack) {
      sizeBytes += chunk.length;
      await handle.writeFile(chunk);
      // All but the last 20 bytes are what those bytes are the digest of.
      const joined = Buffer.concat([tail, chunk]);
      const hashed = Math.max(0, joined.length - trailerBytes);
      hash.update(joined.subarray(0, hashed));
      tail = joined.subarray(hashed);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  const sha = hash.digest('hex');
  if (sizeBytes < emptyPackBytes || tail.toString('hex') !== sha) {
    throw new MalformedPkt('the pack does not match its checksum');
  }
  return { sha, sizeBytes };
}

export async function readShallow(gitdir: string): Promise<Set<string>> {
  const text = await readFile(join(gitdir, 'shallow'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return new Set(text.split('\n').filter((line) => line !== ''));
}

export async function writeShallow(gitdir: string, oids: ReadonlySet<string>): Promise<void> {
  if (oids.size === 0) return rm(join(gitdir, 'shallow'), { force: true });
  await writeAtomically(join(gitdir, 'shallow'), [...oids].map((oid) => `${oid}\n`).join(''));
}

export async function writeAtomically(file: string, content: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, content, { mode: 0o600 });
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}
