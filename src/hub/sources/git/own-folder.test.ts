import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { OwnFolder } from './own-folder';

jest.setTimeout(60_000);

let root: string;
const folders: OwnFolder[] = [];

beforeEach(async () => {
  root = join(await mkdtemp(join(tmpdir(), 'flotilla-own-')), 'repositories');
});

afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.release();
  await rm(root, { recursive: true, force: true });
});

function open(): OwnFolder {
  const folder = new OwnFolder(root);
  folders.push(folder);
  return folder;
}

const agoSeconds = (seconds: number): Date => new Date(Date.now() - seconds * 1000);

/** As another process leaves it when it is killed. */
async function leftBy(owner: string, usedAt: Date, content = 'kept'): Promise<void> {
  const left = open();
  const path = await left.path();
  await writeFile(join(path, 'content'), content);
  await left.release();
  await writeFile(join(path, 'owner'), owner);
  await utimes(join(path, 'owner'), usedAt, usedAt);
}

const contentOf = async (folder: OwnFolder): Promise<string> =>
  readFile(join(await folder.path(), 'content'), 'utf8').catch(() => 'none');

describe('a folder of its own', () => {
  it('is never that of another process that runs', async () => {
    const [first, second] = await Promise.all([open().path(), open().path()]);
    expect(first).not.toBe(second);
    await leftBy('another-host\n1\n', agoSeconds(60));
    await leftBy(`${hostname()}\n${process.ppid}\n`, agoSeconds(60));
    expect(await contentOf(open())).toBe('none');
  });

  it('is the same folder on every call', async () => {
    const folder = open();
    expect(await folder.path()).toBe(await folder.path());
    expect((await stat(await folder.path())).mode & 0o777).toBe(0o700);
  });

  it('is taken over, with its content, from one that has stopped', async () => {
    const first = open();
    await writeFile(join(await first.path(), 'content'), 'kept');
    await first.release();
    expect(await contentOf(open())).toBe('kept');
    expect(await readdir(root)).toHaveLength(1);
  });

  it('is taken over from one that was killed, on this host at once and on others after five minutes', async () => {
    const dead = spawn('true');
    await once(dead, 'exit');
    await leftBy(`${hostname()}\n${dead.pid}\n`, agoSeconds(1), 'of this host');
    expect(await contentOf(open())).toBe('of this host');
    await leftBy('another-host\n1\n', agoSeconds(301), 'of another host');
    expect(await contentOf(open())).toBe('of another host');
  });

  it('goes to one only, of many that start at once', async () => {
    await leftBy('another-host\n1\n', agoSeconds(400));
    const contents = await Promise.all(Array.from({ length: 5 }, () => contentOf(open())));
    expect(contents.sort()).toEqual(['kept', 'none', 'none', 'none', 'none']);
  });

  it('is removed when nobody has used it for a day', async () => {
    await leftBy('another-host\n1\n', agoSeconds(90_000));
    expect(await contentOf(open())).toBe('none');
    expect(await readdir(root)).toHaveLength(1);
  });
});
