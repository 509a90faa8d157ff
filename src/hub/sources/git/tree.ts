/** A folder at a commit: its id, and its files with their limits. */
import type { TreeEntry } from 'isomorphic-git';
import { closestNames } from '#libs/sources/closest';
import { parseRepositoryPath } from '#libs/sources/path';
import { followLinks } from './links';
import type { ObjectReader } from './objects';
import type { SourceFile, TreeFailure, TreeIdOutcome, TreeLimits, TreeLocation, TreeOutcome } from './port';

export const defaultTreeLimits: TreeLimits = {
  maxFiles: 10_000,
  maxBytes: 64 * 1024 * 1024,
  maxFileBytes: 10 * 1024 * 1024,
  maxDepth: 32,
};

const linkMode = '120000';

export async function findTree(reader: ObjectReader, gitdir: string, location: TreeLocation): Promise<TreeIdOutcome> {
  const { commit, path } = location;
  const parsed = parseRepositoryPath(path);
  if (!parsed.ok) return refuse('invalidPath', parsed.message, 'give a folder relative to the root of the repository');
  const summary = await reader.commit(gitdir, commit);
  if (summary === undefined) return commitMissing(commit);
  let treeId = summary.treeId;
  const passed: string[] = [];
  for (const name of parsed.segments) {
    const entries = await reader.tree(gitdir, treeId);
    passed.push(name);
    const entry = entries.find((candidate) => candidate.path === name);
    if (entry === undefined) return pathMissing(path, passed, entries);
    if (entry.mode === linkMode) {
      return refuse('link', `"${passed.join('/')}" is a symbolic link`, 'give the path of the folder it leads to');
    }
    if (entry.type === 'commit') return submodule(passed.join('/'));
    if (entry.type !== 'tree') {
      return refuse('notAFolder', `"${passed.join('/')}" is a file`, 'give the path of the folder that holds it');
    }
    treeId = entry.oid;
  }
  return { ok: true, treeId };
}

interface Entry {
  path: string;
  oid: string;
  link: boolean;
}

/** What the tree holds, without the contents. */
export async function listFiles(
  reader: ObjectReader,
  gitdir: string,
  treeId: string,
  limits: TreeLimits,
): Promise<{ ok: true; entries: Entry[] } | TreeFailure> {
  const entries: Entry[] = [];
  const folders = [{ path: '', oid: treeId, depth: 1 }];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    if (folder.depth > limits.maxDepth) return tooLarge(`"${folder.path}" is deeper than ${limits.maxDepth} folders`);
    for (const entry of await reader.tree(gitdir, folder.oid)) {
      const path = folder.path === '' ? entry.path : `${folder.path}/${entry.path}`;
      if (entry.path === '' || entry.path === '.' || entry.path === '..' || entry.path.includes('/')) {
        return refuse(
          'unreadable',
          `"${folder.path}" holds a name that is not valid`,
          'run `git fsck` in the repository',
        );
      }
      if (entry.type === 'commit') return submodule(path);
      if (entry.type === 'tree') folders.push({ path, oid: entry.oid, depth: folder.depth + 1 });
      else entries.push({ path, oid: entry.oid, link: entry.mode === linkMode });
      if (entries.length > limits.maxFiles || folders.length > limits.maxFiles) {
        return tooLarge(`the path holds more than ${limits.maxFiles} files`);
      }
    }
  }
  return { ok: true, entries };
}

/** Every file below the tree, in order of path. */
export async function readFiles(
  reader: ObjectReader,
  gitdir: string,
  treeId: string,
  limits: TreeLimits,
): Promise<TreeOutcome> {
  const listed = await listFiles(reader, gitdir, treeId, limits);
  if (!listed.ok) return listed;
  const files: SourceFile[] = [];
  const links = new Map<string, string>();
  let sizeBytes = 0;
  for (const { path, oid, link } of listed.entries) {
    const content = await reader.blob(gitdir, oid);
    sizeBytes += content.length;
    if (content.length > limits.maxFileBytes) {
      return tooLarge(`"${path}" has ${content.length} bytes; at most ${limits.maxFileBytes} are read`);
    }
    if (sizeBytes > limits.maxBytes) return tooLarge(`the files of the path have more than ${limits.maxBytes} bytes`);
    if (link) links.set(path, content.toString('utf8'));
    else files.push({ path, content });
  }
  const followed = followLinks(files, links);
  if (!followed.ok) return refuse('link', followed.message, followed.remedy);
  return { ok: true, treeId, files: followed.files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

export function commitMissing(commit: string): TreeFailure {
  return refuse('commitMissing', `commit ${commit} is not on this replica`, 'fetch it first');
}

function pathMissing(path: string, passed: string[], entries: TreeEntry[]): TreeFailure {
  const folders = entries.filter(({ type }) => type === 'tree').map((entry) => entry.path);
  const parent = passed
    .slice(0, -1)
    .map((name) => `${name}/`)
    .join('');
  const close = closestNames(passed.at(-1)!, folders, 3).map((name) => `${parent}${name}`);
  const hint = close.length === 0 ? 'there is no folder beside it' : `the closest: ${close.join(', ')}`;
  const message = `the commit has no folder "${path}" ("${passed.join('/')}" is missing; ${hint})`;
  return refuse('pathMissing', message, 'correct the path, or commit the folder; nothing is deleted for this');
}

function submodule(path: string): TreeFailure {
  const remedy = 'follow that repository by a source of its own, or commit the files';
  return refuse('submodule', `"${path}" is a submodule, which is not read`, remedy);
}

function tooLarge(message: string): TreeFailure {
  return refuse('tooLarge', message, 'point the path of the application at a smaller folder');
}

function refuse(reason: TreeFailure['reason'], message: string, remedy: string): TreeFailure {
  return { ok: false, reason, message, remedy };
}
