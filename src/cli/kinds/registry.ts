import { suggestion } from '#libs/text/suggestion';
import { CliError } from '../errors';
import { applicationKind } from './applications';
import { clusterKind } from './clusters';
import { holdKind } from './holds';
import type { Kind } from './kind';
import { sourceKind } from './sources';
import { targetKind } from './targets';
import { tokenKind } from './tokens';

export const kinds: readonly Kind[] = [clusterKind, sourceKind, applicationKind, targetKind, holdKind, tokenKind];

type Ability = 'list' | 'get' | 'describe' | 'delete';

/** The kind that a word means: `cluster`, `clusters`, `Cluster` or `cl`. Throws a CliError with what was probably meant. */
export function kindOf(word: string, ability: Ability = 'list'): Kind {
  const able = kinds.filter((kind) => kind[ability] !== undefined);
  const wanted = word.toLowerCase();
  const wordsOf = ({ name, plural, aliases }: Kind) => [name, plural, ...aliases];
  const found = able.find((kind) => wordsOf(kind).includes(wanted));
  if (found !== undefined) return found;
  const names = able.map(({ plural }) => plural).join(', ');
  const known = kinds.find((kind) => wordsOf(kind).includes(wanted));
  if (known !== undefined) throw CliError.usage(`${known.plural} cannot be named here`, `this takes: ${names}`);
  const meant = suggestion(wanted, able.flatMap(wordsOf));
  const hint = meant.startsWith('did you mean') ? `${meant} There are: ${names}` : `there are: ${names}`;
  throw CliError.usage(`there is no kind "${word}"`, hint);
}

/** `NAME`, or `KIND/NAME` in one word. */
export function kindAndName(word: string, name: string | undefined, ability: Ability): { kind: Kind; name?: string } {
  const slash = word.indexOf('/');
  if (slash < 0) return { kind: kindOf(word, ability), ...(name === undefined ? {} : { name }) };
  if (name !== undefined) throw CliError.usage(`"${word}" names a thing already; "${name}" is one too many`);
  return { kind: kindOf(word.slice(0, slash), ability), name: word.slice(slash + 1) };
}
