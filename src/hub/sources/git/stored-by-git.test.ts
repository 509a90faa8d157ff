import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GitFailure } from './failure';
import { gitStore } from './object-stores';
import { MalformedPkt } from './pkt-line';
import { storePackByGit } from './stored-by-git';

jest.setTimeout(60_000);

let gitdir: string;

beforeEach(async () => {
  gitdir = await mkdtemp(join(tmpdir(), 'flotilla-stored-'));
  await promisify(execFile)('git', ['init', '--quiet', '--bare', gitdir]);
});
afterEach(() => rm(gitdir, { recursive: true, force: true }));

const store = (chunks: AsyncIterable<Buffer>, signal = AbortSignal.timeout(20_000)): Promise<void> =>
  storePackByGit(gitdir, chunks, signal);
const packs = (): Promise<string[]> => readdir(join(gitdir, 'objects', 'pack'));

async function* chunksOf(...chunks: Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

/** A pack with no object, or with one that is not there. */
function pack(objects: number): Buffer {
  const head = Buffer.from([...Buffer.from('PACK'), 0, 0, 0, 2, 0, 0, 0, objects]);
  return Buffer.concat([head, createHash('sha1').update(head).digest()]);
}

describe('a pack that git stores', () => {
  it('leaves nothing when it is empty', async () => {
    await store(chunksOf(pack(0)));
    expect(await packs()).toEqual([]);
  });

  it('leaves nothing when it is no pack, however much of it comes', async () => {
    const noise = Array.from({ length: 200 }, () => Buffer.alloc(65_536, 7));
    await expect(store(chunksOf(...noise))).rejects.toThrow(MalformedPkt);
    await expect(store(chunksOf(pack(1)))).rejects.toThrow(MalformedPkt);
    expect(await packs()).toEqual([]);
  });

  it('leaves nothing when what brings it fails, and that is the reason', async () => {
    async function* cut(): AsyncGenerator<Buffer> {
      yield pack(1).subarray(0, 12);
      throw new GitFailure('unreachable', 'the line was cut', 'mend it');
    }
    await expect(store(cut())).rejects.toThrow('the line was cut');
    expect(await packs()).toEqual([]);
  });

  it('is given up when its time is over, with what an earlier one left', async () => {
    await writeFile(join(gitdir, 'objects', 'pack', 'tmp_pack_old'), 'x');
    const control = new AbortController();
    async function* silent(): AsyncGenerator<Buffer> {
      yield pack(1).subarray(0, 12);
      control.abort(new Error('too late'));
      await new Promise((resolve) => setTimeout(resolve, 100).unref());
    }
    await expect(store(silent(), control.signal)).rejects.toThrow('too late');
    expect(await packs()).toEqual([]);
  });
});

describe('objects that git reads', () => {
  it('are answered in the order of the questions, also those that are not there', async () => {
    const write = async (content: string): Promise<string> => {
      await writeFile(join(gitdir, 'content'), content);
      const { stdout } = await promisify(execFile)('git', [
        `--git-dir=${gitdir}`,
        'hash-object',
        '-w',
        join(gitdir, 'content'),
      ]);
      return stdout.trim();
    };
    const large = 'x'.repeat(300_000);
    const oids = [await write('a'), 'f'.repeat(40), await write(''), await write(large), await write('multi\nline\n')];
    const objects = gitStore(gitdir);
    const contents = await Promise.all(oids.map((oid) => objects.blob(oid)));
    expect(contents.map((content) => content?.toString())).toEqual(['a', undefined, '', large, 'multi\nline\n']);
    await expect(objects.tree(oids[0]!)).rejects.toThrow('no tree');
    await expect(objects.commit(oids[0]!)).rejects.toThrow('no commit');
    expect(await objects.commit('f'.repeat(40))).toBeUndefined();
    objects.retire?.();
  });
});
