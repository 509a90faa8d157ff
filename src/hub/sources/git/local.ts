/** A repository on this machine's disk, read where it is: a work tree, a linked work tree, or a bare repository. */
import fs from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import git from 'isomorphic-git';
import { refPrefixesOf, resolveRevision } from '#libs/sources/revision';
import { GitFailure, NotServed, UnreadableRepository } from './failure';
import { ancestryOf } from './history';
import { readLocalRefs } from './local-refs';
import type { ObjectReader } from './objects';
import type { FetchOutcome, FetchRequest } from './port';

export async function fetchLocal(
  reader: ObjectReader,
  path: string,
  request: FetchRequest,
  maxPackBytes: number,
): Promise<FetchOutcome> {
  const { revision, lastCommit, lastName } = request;
  const gitdir = await openLocal(path);
  await refuseHugePacks(gitdir, maxPackBytes);
  reader.refresh(gitdir);
  const resolved = resolveRevision(revision, await readLocalRefs(gitdir, refPrefixesOf(revision)));
  if (!resolved.ok) throw new GitFailure('revisionNotFound', resolved.message, resolved.remedy);
  const { name } = resolved;
  const summary = await reader.commit(gitdir, resolved.commit);
  if (summary === undefined) {
    if ('commit' in revision) throw new NotServed();
    throw new UnreadableRepository(`${name} points to ${resolved.commit}, which is missing`);
  }
  const { commit, committedAt, author, subject } = summary;
  if (commit === lastCommit) return { kind: 'unchanged', commit, name };
  let rewritten = false;
  if (lastCommit !== undefined && 'branch' in revision) {
    const sameBranch = lastName === undefined || lastName === name;
    rewritten = sameBranch && (await ancestryOf(reader, gitdir, lastCommit, summary)) !== 'ancestor';
  } else if (lastCommit !== undefined && !('commit' in revision)) {
    rewritten = lastName === name;
  }
  return { kind: 'fetched', commit, name, committedAt, author, subject, rewritten };
}

/** The folder that holds objects and refs. */
export async function openLocal(path: string): Promise<string> {
  try {
    const found = await findGitdir(resolve(path));
    if (found === undefined) {
      const message = `${path} is no Git repository`;
      throw new GitFailure('notFound', message, 'name the folder of a work tree or of a bare repository');
    }
    await refuseUnknownFormats(path, found);
    return found;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') {
      throw new GitFailure('unauthorized', `${path} may not be read (${code})`, 'let the user of the hub read it');
    }
    throw error;
  }
}

async function findGitdir(path: string): Promise<string | undefined> {
  const inside = join(path, '.git');
  const kind = await kindOf(inside);
  let gitdir = kind === 'folder' ? inside : path;
  if (kind === 'file') {
    const target = /^gitdir: (.+)$/m.exec(await readFile(inside, 'utf8'))?.[1]?.trim();
    if (target === undefined) return undefined;
    gitdir = resolve(path, target);
  }
  const common = await readFile(join(gitdir, 'commondir'), 'utf8').catch(() => undefined);
  if (common !== undefined) gitdir = resolve(gitdir, common.trim());
  const complete =
    (await kindOf(join(gitdir, 'HEAD'))) === 'file' && (await kindOf(join(gitdir, 'objects'))) === 'folder';
  return complete ? gitdir : undefined;
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'none'> {
  try {
    const found = await stat(path);
    return found.isDirectory() ? 'folder' : 'file';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'none';
    throw error;
  }
}

async function refuseUnknownFormats(path: string, gitdir: string): Promise<void> {
  const remedy = 'name a plain clone of it: `git clone --bare --no-local`';
  const format = String((await git.getConfig({ fs, gitdir, path: 'extensions.objectformat' })) ?? 'sha1');
  const storage = String((await git.getConfig({ fs, gitdir, path: 'extensions.refstorage' })) ?? 'files');
  if (format !== 'sha1') throw new GitFailure('invalid', `${path} uses ${format} object ids`, 'use SHA-1 object ids');
  if (storage !== 'files') throw new GitFailure('invalid', `${path} keeps its refs as ${storage}`, remedy);
  if ((await kindOf(join(gitdir, 'objects', 'info', 'alternates'))) === 'file') {
    throw new GitFailure('invalid', `${path} borrows objects of another repository (alternates)`, remedy);
  }
}

async function refuseHugePacks(gitdir: string, maxBytes: number): Promise<void> {
  const folder = join(gitdir, 'objects', 'pack');
  const names = await readdir(folder).catch(() => []);
  let sizeBytes = 0;
  for (const name of names) if (name.endsWith('.pack')) sizeBytes += (await stat(join(folder, name))).size;
  if (sizeBytes <= maxBytes) return;
  throw new GitFailure(
    'tooLarge',
    `the packs of the repository have ${sizeBytes} bytes; at most ${maxBytes} are read`,
    'raise sources.maxPackMebibytes of the hub, or name a shallow clone: `git clone --bare --depth 1`',
  );
}
