import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StartProblem } from './problem';
import { SettingsFile } from './settings';

const folder = () => mkdtempSync(path.join(tmpdir(), 'flotilla-settings-'));

function problemOf(run: () => unknown): StartProblem {
  try {
    run();
  } catch (error) {
    if (error instanceof StartProblem) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

it('finds again what an earlier start wrote', () => {
  const where = path.join(folder(), 'below');
  const first = new SettingsFile(where);
  first.update({ adminToken: 'flt_x' });
  expect(new SettingsFile(where).get()).toEqual({ ...first.get(), adminToken: 'flt_x' });
});

it.each(['{ "encryptionKey":', '{"other": 1}'])('refuses %s, which no start wrote, with a remedy', (content) => {
  const where = folder();
  writeFileSync(path.join(where, 'settings.json'), content);
  const { message, hint } = problemOf(() => new SettingsFile(where));
  expect(message).toContain('settings.json is not what an earlier start wrote');
  expect(hint).toContain('begin anew');
});

it('says that a folder is a file, and how to choose another', () => {
  const file = path.join(folder(), 'file');
  writeFileSync(file, '');
  const { message, hint } = problemOf(() => new SettingsFile(file));
  expect(message).toBe(`data cannot be kept in ${file}: that is a file`);
  expect(hint).toContain('--data-folder');
  expect(problemOf(() => new SettingsFile(path.join(file, 'x'))).message).toContain('below a file');
});
