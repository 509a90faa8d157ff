import { resolveLink } from '#libs/sources/path';
import type { SourceFile } from './port';

const maxHops = 8;

export type LinksOutcome = { ok: true; files: SourceFile[] } | { ok: false; message: string; remedy: string };

/**
 * Adds each symbolic link as a file with the content of the file that it leads to. One that leaves the path, leads to a
 * folder or to nothing is refused by name: the id of the folder must cover everything that is read through it.
 */
export function followLinks(files: readonly SourceFile[], links: ReadonlyMap<string, string>): LinksOutcome {
  const contents = new Map(files.map(({ path, content }) => [path, content]));
  const followed = [...files];
  for (const [path, target] of links) {
    const refuse = (why: string): LinksOutcome => ({
      ok: false,
      message: `the symbolic link "${path}" ${why}`,
      remedy: 'commit the file itself in place of the link',
    });
    let at = path;
    for (let hop = 0; links.has(at); hop += 1) {
      if (hop === maxHops) return refuse(`leads through more than ${maxHops} links`);
      const next = resolveLink(at, links.get(at)!);
      if (next === undefined) return refuse(`leads out of the path of the application, to "${target.slice(0, 200)}"`);
      at = next;
    }
    const content = contents.get(at);
    if (content === undefined) return refuse(`leads to no file, but to "${target.slice(0, 200)}"`);
    followed.push({ path, content });
  }
  return { ok: true, files: followed };
}
