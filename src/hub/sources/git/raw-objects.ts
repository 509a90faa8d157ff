/** Trees and commits as Git stores them. */
import type { TreeEntry } from 'isomorphic-git';

const oidBytes = 20;

/** @throws where the bytes are no tree */
export function parseTree(content: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(32, at);
    const end = content.indexOf(0, space);
    if (space < 0 || end < 0 || end + 1 + oidBytes > content.length) throw new Error('a tree is cut short');
    const mode = content.toString('latin1', at, space).padStart(6, '0');
    const path = content.toString('utf8', space + 1, end);
    at = end + 1 + oidBytes;
    const type = mode === '040000' ? 'tree' : mode === '160000' ? 'commit' : 'blob';
    entries.push({ mode, path, oid: content.toString('hex', end + 1, at), type });
  }
  return entries;
}

export interface RawCommit {
  treeId: string;
  parents: string[];
  /** In seconds since 1970. */
  committedAt: number;
  author: string;
  message: string;
}

/** @throws where the bytes are no commit */
export function parseCommit(content: Buffer): RawCommit {
  const text = content.toString('utf8');
  const end = text.indexOf('\n\n');
  const lines = (end < 0 ? text : text.slice(0, end)).split('\n');
  const valuesOf = (key: string): string[] =>
    lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  const [treeId] = valuesOf('tree');
  if (treeId === undefined) throw new Error('a commit names no tree');
  return {
    treeId,
    parents: valuesOf('parent'),
    committedAt: Number(/> (-?\d+) [+-]\d+$/.exec(valuesOf('committer')[0] ?? '')?.[1] ?? 0),
    author: /^(.*?) ?</.exec(valuesOf('author')[0] ?? '')?.[1] ?? '',
    message: end < 0 ? '' : text.slice(end + 2),
  };
}
