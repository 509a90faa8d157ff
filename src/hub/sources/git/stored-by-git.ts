/** Puts a pack of any size into a repository by the system's `git`, which holds little of it in memory at once. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GitFailure, UnreadableRepository } from './failure';
import { removeIncoming } from './incoming';
import { MalformedPkt } from './pkt-line';
import { runGit } from './run-git';

const maxOutputBytes = 64 * 1024;
const emptyPack = 'pack-029d08823bd8a8eab510ad6ac75c823cfd3ed31e';
/** Of git's own memory: windows on packs, and what deltas are built on. */
const frugal = [
  'pack.threads=1',
  'core.deltaBaseCacheLimit=32m',
  'core.bigFileThreshold=16m',
  'core.packedGitLimit=128m',
];

/** Git verifies the checksum and each object; a reader sees the pack whole, or not at all. */
export async function storePackByGit(gitdir: string, pack: AsyncIterable<Buffer>, signal: AbortSignal): Promise<void> {
  await removeIncoming(gitdir);
  const settings = frugal.flatMap((setting) => ['-c', setting]);
  try {
    const result = await runGit({
      args: [...settings, `--git-dir=${gitdir}`, 'index-pack', '--stdin'],
      env: { GIT_ALLOW_PROTOCOL: 'none' },
      input: pack,
      signal,
      maxOutputBytes,
    });
    if (result.code === undefined) signal.throwIfAborted();
    if (result.code !== 0) throw failure(result.stderr);
    if (result.stdout.includes(emptyPack.slice('pack-'.length))) await removePack(gitdir, emptyPack);
  } finally {
    await removeIncoming(gitdir);
  }
}

function failure(stderr: string): Error {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  if (/No space left|Disk quota|Read-only file system|Permission denied/i.test(stderr)) {
    return new GitFailure('invalid', `the pack cannot be written: ${last}`, 'give the data folder of the hub room');
  }
  // Its checksum is right, so what cannot be indexed leans on objects here that are broken or missing.
  if (/unresolved delta|did not find object|collision/i.test(stderr)) return new UnreadableRepository(last);
  return new MalformedPkt(`the pack cannot be read: ${last}`);
}

async function removePack(gitdir: string, name: string): Promise<void> {
  for (const end of ['idx', 'rev', 'pack'])
    await rm(join(gitdir, 'objects', 'pack', `${name}.${end}`), { force: true });
}
