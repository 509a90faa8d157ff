import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { type Part, partFolder, preparePart } from './cache';

describe('the cache of parts', () => {
  let folder: string;
  let recipe: string;
  const outer = process.env['FLOTILLA_CACHE'];
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'flotilla-cache-test-'));
    process.env['FLOTILLA_CACHE'] = path.join(folder, 'cache');
    recipe = path.join(folder, 'recipe');
    writeFileSync(recipe, 'one');
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  });
  afterEach(() => {
    if (outer === undefined) delete process.env['FLOTILLA_CACHE'];
    else process.env['FLOTILLA_CACHE'] = outer;
    rmSync(folder, { recursive: true, force: true });
    jest.restoreAllMocks();
  });

  const part = (build: Part['build']): Part => ({
    name: 'thing',
    title: 'a thing',
    takes: 'a moment',
    recipe: [recipe],
    build,
  });

  it('builds once, also for those who ask at the same time', async () => {
    let builds = 0;
    const thing = part(async (into) => {
      builds += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      writeFileSync(path.join(into, 'it'), 'built');
    });
    const folders = await Promise.all([preparePart(thing), preparePart(thing), preparePart(thing)]);
    expect(new Set(folders).size).toBe(1);
    expect(readFileSync(path.join(await preparePart(thing), 'it'), 'utf8')).toBe('built');
    expect(builds).toBe(1);
  });

  it('builds again when a recipe file has another content', async () => {
    const thing = part(() => Promise.resolve());
    const before = await preparePart(thing);
    writeFileSync(recipe, 'two');
    expect(await preparePart(thing)).not.toBe(before);
  });

  it('leaves nothing of a build that failed, and tries again', async () => {
    const failing = part((into) => {
      writeFileSync(path.join(into, 'half'), '');
      return Promise.reject(new Error('no network'));
    });
    await expect(preparePart(failing)).rejects.toThrow('no network');
    expect(readdirSync(path.dirname(partFolder(failing)))).toEqual([]);
    const thing = part(() => Promise.resolve());
    expect(existsSync(await preparePart(thing))).toBe(true);
  });

  it('takes over the lock of a process that is gone', async () => {
    const thing = part(() => Promise.resolve());
    const { pid } = spawnSync('true');
    const lock = `${partFolder(thing)}.lock`;
    mkdirSync(path.dirname(lock), { recursive: true });
    writeFileSync(lock, JSON.stringify({ host: hostname(), pid }));
    utimesSync(lock, new Date(), new Date(Date.now() - 5_000));
    expect(existsSync(await preparePart(thing))).toBe(true);
    expect(existsSync(lock)).toBe(false);
  });
});
