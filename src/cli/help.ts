import type { Command } from 'commander';
import { exitCodeMeanings } from './exit-codes';

const examplesOf = new WeakMap<Command, readonly string[]>();

/** Shown below the help of a command, and in the reference. A line that begins with `#` says what the next one does. */
export function withExamples(command: Command, ...lines: string[]): Command {
  examplesOf.set(command, lines);
  return command.addHelpText('after', () => `\nExamples:\n${lines.map((line) => `  ${line}\n`).join('')}`.trimEnd());
}

export function examples(command: Command): readonly string[] {
  return examplesOf.get(command) ?? [];
}

export function exitCodesText(): string {
  return `\nExit codes:\n${exitCodeMeanings.map(([code, meaning]) => `  ${String(code).padEnd(4)} ${meaning}`).join('\n')}`;
}
