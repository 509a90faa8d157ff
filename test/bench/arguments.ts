export type BenchCommand =
  | { kind: 'help' }
  | { kind: 'list' }
  | { kind: 'run'; name: string; json: boolean }
  /** What is wrong, and what to write. */
  | { kind: 'wrong'; message: string };

/** What was asked for, of these benches. `argv` begins after the program's name. */
export function readArguments(argv: readonly string[], names: readonly string[]): BenchCommand {
  const options = argv.filter((word) => word.startsWith('-'));
  const words = argv.filter((word) => !word.startsWith('-'));
  const unknown = options.find((option) => !['--help', '-h', '--list', '--json'].includes(option));
  if (unknown !== undefined) return wrong(`there is no option ${unknown}; see npm run bench -- --help`);
  if (options.includes('--help') || options.includes('-h')) return { kind: 'help' };
  if (options.includes('--list')) return { kind: 'list' };
  const [name, ...more] = words;
  if (name === undefined) return wrong(`say which bench: ${names.join(', ')}; see npm run bench -- --help`);
  if (more.length > 0)
    return wrong(`one bench at a time, since each wants the machine for itself: not ${more.join(', ')} too`);
  if (!names.includes(name)) return wrong(`there is no bench ${name}; there are ${names.join(', ')}`);
  return { kind: 'run', name, json: options.includes('--json') };
}

function wrong(message: string): BenchCommand {
  return { kind: 'wrong', message };
}
