import { type Part, partFolder, preparePart } from './cache';
import { kafkaPart } from './kafka';
import { kubernetesPart } from './kubernetes';

export const allParts: readonly Part[] = [kafkaPart, kubernetesPart];

/** Gets all parts that are missing, one after the other, so that no test waits for a build. */
export async function prepareAllParts(): Promise<void> {
  for (const part of allParts) await preparePart(part);
}

/** Where each part is or will be. */
export const partFolders = (): { name: string; title: string; folder: string }[] =>
  allParts.map((part) => ({ name: part.name, title: part.title, folder: partFolder(part) }));
