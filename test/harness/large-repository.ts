import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makeRepository, type TestRepository } from './git';

export interface LargeRepositoryOptions {
  /** Of noise, which no compression makes smaller, below `data/`. */
  files: number;
  fileBytes: number;
  /** Beside them. */
  more: Record<string, string>;
}

const filesInFolder = 100;

/** A repository with one commit of many files on `main`, in seconds; its work tree stays empty. */
export async function makeLargeRepository(folder: string, options: LargeRepositoryOptions): Promise<TestRepository> {
  const repository = await makeRepository(folder);
  const child = spawn('git', ['-C', folder, '-c', 'core.compression=0', 'fast-import', '--quiet', '--depth=0'], {
    env: { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const closed = once(child, 'close');
  await pipeline(Readable.from(stream(options)), child.stdin);
  const [code] = (await closed) as [number];
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
  // Noise has no likeness to look for when it is sent.
  await repository.git('config', 'pack.window', '0');
  return repository;
}

function* stream({ files, fileBytes, more }: LargeRepositoryOptions): Generator<Buffer | string> {
  yield 'commit refs/heads/main\ncommitter Ada Fleet <ada@example.com> 1700000000 +0000\ndata 11\nMany files\n\n';
  for (const [path, content] of Object.entries(more)) {
    yield `M 100644 inline ${path}\ndata ${Buffer.byteLength(content)}\n${content}\n`;
  }
  for (let at = 0; at < files; at += 1) {
    yield `M 100644 inline data/${Math.floor(at / filesInFolder)}/${at}.bin\ndata ${fileBytes}\n`;
    yield randomBytes(fileBytes);
    yield '\n';
  }
}
