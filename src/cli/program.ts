import { Command } from 'commander';
import { agentCommands } from './commands/agent';
import { applicationCommands } from './commands/application';
import { applyCommand } from './commands/apply';
import { auditCommand } from './commands/audit';
import { clusterCommands } from './commands/cluster';
import { contextCommands } from './commands/context';
import { deleteCommand, describeCommand, getCommand } from './commands/get';
import { diffCommand } from './commands/diff';
import { holdCommands } from './commands/hold';
import { loginCommand } from './commands/login';
import { simulateCommands } from './commands/simulate';
import { sourceCommands } from './commands/source';
import { statusCommand } from './commands/status';
import { syncCommand } from './commands/sync';
import { tokenCommands } from './commands/token';
import { withHubOptions } from './connection';
import { hubCommands } from './hub/commands';
import { exitCodesText, withExamples } from './help';
import type { Io } from './io';
import { startCommand } from './start/command';
import { version } from './version';

/** In the order of the help. What a command needs beyond words is loaded when it runs. */
const commands: readonly ((program: Command, io: Io) => void)[] = [
  startCommand,
  statusCommand,
  diffCommand,
  syncCommand,
  holdCommands,
  applyCommand,
  getCommand,
  describeCommand,
  deleteCommand,
  clusterCommands,
  sourceCommands,
  applicationCommands,
  loginCommand,
  contextCommands,
  tokenCommands,
  auditCommand,
  agentCommands,
  hubCommands,
  simulateCommands,
];

export function createProgram(io: Io): Command {
  const program = new Command('flotilla')
    .description('Keeps a fleet of Kubernetes clusters at the state that Git declares.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print what there is, with examples')
    .helpCommand('help [command]', 'print the help of a command')
    // Options of the program stand before the command: `--context` of `cluster add` is kubectl's.
    .enablePositionalOptions()
    .showHelpAfterError('hint: `flotilla --help` says what there is')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => Math.min(io.stdout.columns ?? 100, 120),
      getErrHelpWidth: () => Math.min(io.stderr.columns ?? 100, 120),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  withHubOptions(program);
  withExamples(
    program,
    'flotilla login https://flotilla.example.com',
    'flotilla status --watch',
    'flotilla apply -f fleet/',
  );
  program.addHelpText('after', exitCodesText());
  for (const register of commands) register(program, io);
  for (const command of program.commands) pointToHelp(command, ['flotilla']);
  return program;
}

/** What is wrong with the words of a command is explained by the help of that command. */
function pointToHelp(command: Command, above: readonly string[]): void {
  const words = [...above, command.name()];
  command.showHelpAfterError(`hint: \`${words.join(' ')} --help\` says what it takes, with examples`);
  for (const each of command.commands) pointToHelp(each, words);
}
