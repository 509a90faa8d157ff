import { type Command, Option } from 'commander';

export const formats = ['json', 'yaml', 'name', 'wide'] as const;
export type Format = (typeof formats)[number];

export interface OutputOptions {
  output?: Format;
  /** False with `--no-headers`. */
  headers?: boolean;
  watch?: boolean;
}

/** `-o`, `--no-headers` and, for lists, `--watch`. */
export function withOutput(
  command: Command,
  { watch = false, choices = formats }: { watch?: boolean; choices?: readonly Format[] } = {},
): Command {
  command.addOption(new Option('-o, --output <format>', 'how to print').choices(choices));
  if (choices.includes('wide')) command.option('--no-headers', 'leave out the line of headers');
  if (watch) command.option('-w, --watch', 'go on, and print again when something changes, until Ctrl-C');
  return command;
}
