import { CliError } from '../errors';
import { checkDocument, type Declaration, declaredKinds } from './check';
import { parseFile } from './parse';
import type { TextFile } from './read';

const maxDocuments = 5_000;
const maxShownErrors = 50;

/** Everything that files declare, in the order in which it has to be applied. Throws a CliError that says all that is wrong. */
export function declarationsOf(files: readonly TextFile[]): Declaration[] {
  const errors: string[] = [];
  const declarations: Declaration[] = [];
  for (const file of files) {
    const parsed = parseFile(file);
    if (!parsed.ok) {
      errors.push(...parsed.errors);
      continue;
    }
    for (const raw of parsed.documents) {
      const checked = checkDocument(raw);
      if (checked.ok) declarations.push(checked.declaration);
      else errors.push(...checked.errors);
    }
  }
  errors.push(...duplicatesIn(declarations));
  if (errors.length > 0) {
    const more = errors.length > maxShownErrors ? [`and ${errors.length - maxShownErrors} more`] : [];
    throw CliError.failed('nothing was changed, since not all of it is valid', {
      details: [...errors.slice(0, maxShownErrors), ...more],
    });
  }
  if (declarations.length === 0) throw CliError.failed('there is no document in what was given');
  if (declarations.length > maxDocuments) {
    throw CliError.failed(`more than ${maxDocuments} documents`, { hint: 'apply them in parts' });
  }
  return inOrder(declarations);
}

/** Clusters before sources before applications; else as they were given. */
export function inOrder<T extends Pick<Declaration, 'kind'>>(declarations: readonly T[]): T[] {
  return declaredKinds.flatMap((kind) => declarations.filter((declaration) => declaration.kind === kind));
}

function duplicatesIn(declarations: readonly Declaration[]): string[] {
  const first = new Map<string, Declaration>();
  const errors: string[] = [];
  for (const declaration of declarations) {
    const key = `${declaration.kind}/${declaration.name}`;
    const before = first.get(key);
    if (before === undefined) first.set(key, declaration);
    else errors.push(`${declaration.at}: ${key} is declared at ${before.at} already`);
  }
  return errors;
}
