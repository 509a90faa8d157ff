import type { Io } from '../io';

export interface MemoryIo extends Io {
  /** What has been written, and forgets it. */
  taken(): { out: string; err: string };
  interrupt(): void;
  /** How often something has slept. */
  slept: number;
}

export interface MemoryIoOptions {
  env?: Record<string, string>;
  cwd?: string;
  home?: string;
  stdin?: string;
  isTTY?: boolean;
  now?: () => Date;
  fetch?: Io['fetch'];
  /** Called at each sleep, which then is over at once. */
  onSleep?: (count: number) => void | Promise<void>;
  /** What a person answers, in turn. */
  answers?: string[];
}

/** A world in memory, apart from files; the network only where `fetch` is given. */
export function memoryIo(options: MemoryIoOptions = {}): MemoryIo {
  const { env = {}, cwd = '/', home = '/nowhere', stdin = '', isTTY = false, onSleep, answers = [] } = options;
  const interruption = new AbortController();
  let out = '';
  let err = '';
  const io: MemoryIo = {
    stdout: { write: (text) => void (out += text), isTTY },
    stderr: { write: (text) => void (err += text), isTTY },
    stdin: {
      isTTY: answers.length > 0,
      text: () => Promise.resolve(stdin),
      ask: () => Promise.resolve(answers.shift() ?? ''),
    },
    env,
    cwd,
    home,
    fetch: options.fetch ?? (() => Promise.reject(new Error('no network in this test'))),
    now: options.now ?? (() => new Date()),
    sleep: async () => {
      io.slept += 1;
      await onSleep?.(io.slept);
    },
    interrupted: () => interruption.signal,
    interrupt: () => interruption.abort(),
    slept: 0,
    taken: () => {
      const taken = { out, err };
      out = '';
      err = '';
      return taken;
    },
  };
  return io;
}
