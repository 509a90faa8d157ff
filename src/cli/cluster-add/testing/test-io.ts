import { setTimeout as delay } from 'node:timers/promises';
import type { Io } from '../../io';

export interface TestIo extends Io {
  /** What was printed on standard output and on standard error. */
  printed(): string;
  warned(): string;
}

/** The world without a terminal, a home or an environment but the given one. */
export function testIo({ env = {}, home = '/nonexistent', cwd = '/' } = {}): TestIo {
  let out = '';
  let err = '';
  return {
    stdout: { write: (text) => void (out += text), isTTY: false },
    stderr: { write: (text) => void (err += text), isTTY: false },
    stdin: {
      isTTY: false,
      text: () => Promise.resolve(''),
      ask: () => Promise.reject(new Error('nothing is asked')),
    },
    env,
    home,
    cwd,
    fetch: (request) => fetch(request),
    now: () => new Date(),
    sleep: (ms) => delay(Math.min(ms, 200)),
    interrupted: () => new AbortController().signal,
    printed: () => out,
    warned: () => err,
  };
}
