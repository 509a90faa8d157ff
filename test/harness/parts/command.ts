import { spawn } from 'node:child_process';

const keptChars = 4_000;

export interface CommandOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** What to do when the program is not there. */
  remedy: string;
}

/** Runs a program to its end. Throws with the end of what it said when it fails, with the remedy when it is not there. */
export function command(program: string, args: readonly string[], options: CommandOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let said = '';
    child.stdout.on('data', (data: Buffer) => {
      out += data.toString('utf8');
      said = (said + data.toString('utf8')).slice(-keptChars);
    });
    child.stderr.on('data', (data: Buffer) => (said = (said + data.toString('utf8')).slice(-keptChars)));
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new Error(`${program} is not on the PATH: ${options.remedy}`) : error),
    );
    child.once('close', (code, signal) => {
      if (code === 0) resolve(out);
      else reject(new Error(`${program} ${args.slice(0, 3).join(' ')} ended with ${code ?? signal}:\n${said}`));
    });
  });
}
