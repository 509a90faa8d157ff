/** Paths inside a repository: slashes, relative to its root, never above it. */

const maxPathLength = 1024;

export type PathOutcome = { ok: true; segments: string[] } | { ok: false; message: string };

/** `apps/web`, `./apps/web/` and `/apps/web` are the same; the empty path and `.` are the root. */
export function parseRepositoryPath(path: string): PathOutcome {
  if (path.length > maxPathLength) return { ok: false, message: `path has more than ${maxPathLength} characters` };

  if (/[\u0000-\u001f\\]/.test(path)) {
    return { ok: false, message: `path "${path.replace(/[^ -~]/g, '?')}" holds a backslash or a control character` };
  }
  const segments = path.split('/').filter((part) => part !== '' && part !== '.');
  if (segments.includes('..')) return { ok: false, message: `path "${path}" leaves the repository by ".."` };
  return { ok: true, segments };
}

/** Where a symbolic link at `link` with that target leads, both below one root; undefined when it leaves the root. */
export function resolveLink(link: string, target: string): string | undefined {
  if (target.startsWith('/') || target.includes('\0')) return undefined;
  const segments = link.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') segments.push(part);
    else if (segments.pop() === undefined) return undefined;
  }
  return segments.join('/');
}
