import { CliError } from './errors';
import type { Io } from './io';

/** Goes on when a person agrees, or `--yes` was given. Throws a CliError otherwise. */
export async function confirm(io: Io, yes: boolean | undefined, question: string): Promise<void> {
  if (yes === true) return;
  if (!io.stdin.isTTY) throw CliError.usage(`${question} Nobody is there to answer`, 'say --yes if it is meant');
  const answer = await io.stdin.ask(`${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer)) throw CliError.failed('not confirmed: nothing was changed');
}

/** The answer of a person, or `otherwise` where nobody is there or nothing is said. */
export async function choose<T extends string>(
  io: Io,
  question: string,
  choices: readonly T[],
  otherwise: T,
): Promise<T> {
  if (!io.stdin.isTTY) return otherwise;
  const shown = choices.map((choice) => (choice === otherwise ? choice.toUpperCase() : choice)).join('/');
  const answer = (await io.stdin.ask(`${question} [${shown}] `)).toLowerCase();
  if (answer === '') return otherwise;
  const chosen = choices.find((choice) => choice === answer);
  if (chosen === undefined) throw CliError.usage(`"${answer}" is none of ${choices.join(', ')}`);
  return chosen;
}
