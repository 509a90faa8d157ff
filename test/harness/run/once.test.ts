import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onceInRun } from './once';

describe('what is started once in a run', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'flotilla-once-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is started by the first, and the same for all', async () => {
    let starts = 0;
    const start = async () => {
      starts += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { port: starts };
    };
    const got = await Promise.all([1, 2, 3].map(() => onceInRun(folder, 'thing', start)));
    expect(got).toEqual([{ port: 1 }, { port: 1 }, { port: 1 }]);
    expect(await onceInRun(folder, 'other', start)).toEqual({ port: 2 });
  });

  it('is not tried again when it failed: all hear the same reason', async () => {
    let starts = 0;
    const start = () => {
      starts += 1;
      return Promise.reject(new Error('no memory'));
    };
    await expect(onceInRun(folder, 'thing', start)).rejects.toThrow('thing did not start in this test run: no memory');
    await expect(onceInRun(folder, 'thing', start)).rejects.toThrow('no memory');
    expect(starts).toBe(1);
  });
});
