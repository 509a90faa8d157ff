import { homedir } from 'node:os';
import type { Input, Io, Output } from './io';
import { CliError } from './errors';
import { exitCodes } from './exit-codes';

/** The real world. */
export function processIo(): Io {
  const interruption = new AbortController();
  let catching = false;
  const interrupted = () => {
    if (catching) return interruption.signal;
    catching = true;
    const stop = () => {
      // The second time it is meant: whatever is being finished is left.
      if (interruption.signal.aborted) process.exit(exitCodes.interrupted);
      interruption.abort();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    return interruption.signal;
  };
  return {
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    stdin: standardInput,
    env: process.env,
    cwd: process.cwd(),
    home: homedir(),
    fetch: (request) => fetch(request),
    now: () => new Date(),
    sleep: (ms) => sleep(ms, interruption.signal),
    interrupted,
  };
}

function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => void stream.write(text),
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns;
    },
  };
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}

const standardInput: Input = {
  get isTTY() {
    return process.stdin.isTTY === true;
  },
  async text(maxSizeBytes) {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    for await (const chunk of process.stdin) {
      chunks.push(chunk as Buffer);
      sizeBytes += (chunk as Buffer).length;
      if (sizeBytes > maxSizeBytes) throw CliError.usage(`standard input is larger than ${maxSizeBytes} bytes`);
    }
    return Buffer.concat(chunks).toString('utf8');
  },
  async ask(question, hidden = false) {
    const { createInterface } = await import('node:readline');
    const { Writable } = await import('node:stream');
    // Echoes nothing, so that a token does not stay on the screen.
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    process.stderr.write(question);
    const reader = createInterface({ input: process.stdin, output: hidden ? nowhere : process.stderr, terminal: true });
    return await new Promise<string>((resolve, reject) => {
      reader.once('SIGINT', () => {
        reader.close();
        reject(new CliError(exitCodes.interrupted, 'interrupted'));
      });
      reader.once('line', (line) => {
        reader.close();
        if (hidden) process.stderr.write('\n');
        resolve(line.trim());
      });
      reader.once('close', () => resolve(''));
    });
  },
};
