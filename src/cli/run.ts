import { CommanderError } from 'commander';
import { CliError, CliExit } from './errors';
import { type ExitCode, exitCodes } from './exit-codes';
import type { Io } from './io';
import { createProgram } from './program';

/**
 * Runs one command.
 * @param argv the words after `flotilla`
 * @returns the exit code; what went wrong has been said on standard error
 */
export async function runCli(argv: readonly string[], io: Io): Promise<ExitCode> {
  const program = createProgram(io);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CliExit) return error.exitCode;
    if (error instanceof CliError) {
      io.stderr.write(error.text());
      return error.exitCode;
    }
    if (error instanceof CommanderError)
      return shown.has(error.code) && error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    throw error;
  }
}

/** Ways of commander to say that help or the version was asked for. */
const shown = new Set(['commander.helpDisplayed', 'commander.help', 'commander.version']);
