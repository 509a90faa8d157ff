import { mkdir, stat, writeFile } from 'node:fs/promises';
import fs from 'node:fs';
import path from 'node:path';
import git from 'isomorphic-git';
import { demoFiles } from './fleet';

const author = { name: 'Flotilla demonstration', email: 'demo@flotilla.invalid' };

/** Makes the demonstration's Git repository in a folder, unless it is there already with whatever was committed to it. */
export async function makeDemoRepository(folder: string): Promise<void> {
  const exists = await stat(path.join(folder, '.git')).catch(() => undefined);
  if (exists !== undefined) return;
  await mkdir(folder, { recursive: true });
  await git.init({ fs, dir: folder, defaultBranch: 'main' });
  // So that a commit works also where Git does not know its user yet.
  await git.setConfig({ fs, dir: folder, path: 'user.name', value: author.name });
  await git.setConfig({ fs, dir: folder, path: 'user.email', value: author.email });
  for (const [name, content] of Object.entries(demoFiles)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
    await git.add({ fs, dir: folder, filepath: name });
  }
  await git.commit({ fs, dir: folder, message: 'Storefront 1.4.0 and telemetry 0.9.2', author });
}
