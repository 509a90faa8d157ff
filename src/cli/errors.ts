import { type ExitCode, exitCodes } from './exit-codes';

export interface ErrorParts {
  /** One line each below the message, for example a field and what is wrong with it. */
  details?: readonly string[];
  /** What to do next. */
  hint?: string;
}

/** A failure that was foreseen: what happened, to what, and what to do next. Printed without a stack. */
export class CliError extends Error {
  constructor(
    readonly exitCode: ExitCode,
    message: string,
    readonly parts: ErrorParts = {},
  ) {
    super(message);
    this.name = 'CliError';
  }

  static usage(message: string, hint?: string): CliError {
    return new CliError(exitCodes.usage, message, { hint });
  }

  static failed(message: string, parts: ErrorParts = {}): CliError {
    return new CliError(exitCodes.failed, message, parts);
  }

  /** As it is printed on standard error. */
  text(): string {
    const { details = [], hint } = this.parts;
    const lines = [`error: ${this.message}`, ...details.map((detail) => `  ${detail}`)];
    if (hint !== undefined) lines.push(`hint: ${hint}`);
    return `${lines.join('\n')}\n`;
  }
}

/** Ends with an exit code and nothing more to say. */
export class CliExit extends Error {
  constructor(readonly exitCode: ExitCode) {
    super(`exit ${exitCode}`);
    this.name = 'CliExit';
  }
}
