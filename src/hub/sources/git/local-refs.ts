import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitRef } from '#libs/sources/revision';
import { RefList } from './advertisement';
import { GitFailure } from './failure';
import { maxRefs } from './transport';

const maxDepth = 20;
const oidPattern = /^[0-9a-f]{40}$/;

/** Refs from `packed-refs` and loose files; a loose one hides its packed one. Tags that are loose are not peeled. */
export async function readLocalRefs(gitdir: string, prefixes: string[]): Promise<GitRef[]> {
  if (prefixes.length === 0) return [];
  // Loose first: `git pack-refs` writes the packed file before it deletes the loose ones, so none is missed.
  const loose = new Map<string, string>();
  for (const prefix of prefixes) await readLoose(gitdir, prefix.replace(/\/$/, ''), loose, 0);
  const refs = new Map((await readPacked(gitdir)).map((ref) => [ref.name, ref]));
  for (const [name, content] of loose) {
    const oid = follow(content, loose, refs);
    if (oid !== undefined && refs.get(name)?.oid !== oid) refs.set(name, { name, oid });
  }
  return [...refs.values()].filter(({ name }) => prefixes.some((prefix) => name.startsWith(prefix)));
}

async function readPacked(gitdir: string): Promise<GitRef[]> {
  const text = await readFile(join(gitdir, 'packed-refs'), 'utf8').catch(absent);
  const list = new RefList();
  let last = '';
  for (const line of text?.split('\n') ?? []) {
    if (line.startsWith('#')) continue;
    // A line that begins with ^ is the commit behind the tag above it.
    if (line.startsWith('^')) list.add(`${line.slice(1)} ${last}^{}`);
    else list.add(line);
    last = line.split(' ')[1] ?? '';
  }
  return list.all();
}

async function readLoose(gitdir: string, folder: string, into: Map<string, string>, depth: number): Promise<void> {
  const entries = await readdir(join(gitdir, folder), { withFileTypes: true }).catch<undefined>(absent);
  for (const entry of entries ?? []) {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory() && depth < maxDepth) await readLoose(gitdir, name, into, depth + 1);
    if (!entry.isFile() || name.endsWith('.lock')) continue;
    if (into.size >= maxRefs) {
      throw new GitFailure('tooLarge', `the repository has more than ${maxRefs} refs`, 'delete refs that nobody needs');
    }
    const content = await readFile(join(gitdir, name), 'utf8').catch(absent);
    if (content !== undefined) into.set(name, content.trim());
  }
}

function follow(content: string, loose: Map<string, string>, packed: Map<string, GitRef>): string | undefined {
  let at: string | undefined = content;
  for (let hop = 0; hop < 5 && at !== undefined; hop += 1) {
    if (oidPattern.test(at)) return at;
    const target: string | undefined = /^ref: (\S+)$/.exec(at)?.[1];
    at = target === undefined ? undefined : (loose.get(target) ?? packed.get(target)?.oid);
  }
  return undefined;
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}
