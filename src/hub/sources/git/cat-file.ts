/** Objects through a running `git cat-file --batch`: git maps its packs, and this process holds one object at a time. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { gitCommand } from './run-git';

export interface RawObject {
  oid: string;
  type: string;
  sizeBytes: number;
  /** Undefined where it is larger than was asked for. */
  content?: Buffer;
}

interface Request {
  maxBytes: number;
  resolve(object: RawObject | undefined): void;
  reject(error: Error): void;
}

const answerTimeoutMs = 60_000;
const maxHeaderBytes = 4096;

export class CatFile {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly waiting: Request[] = [];
  private readonly answers = new Answers((answer) => this.settle(answer));
  private timer: NodeJS.Timeout | undefined;
  private ended: Error | undefined;

  constructor(gitdir: string) {
    // Nothing is fetched for what is missing: this repository names no remote.
    const { args, ...options } = gitCommand([`--git-dir=${gitdir}`, 'cat-file', '--batch'], {
      GIT_ALLOW_PROTOCOL: 'none',
      GIT_NO_LAZY_FETCH: '1',
    });
    this.child = spawn('git', args, { ...options, stdio: ['pipe', 'pipe', 'ignore'] });
    this.child.on('error', (error) => this.end(error));
    this.child.on('close', () => this.end(new Error('git cat-file has ended')));
    this.child.stdin.on('error', () => undefined);
    this.child.stdout.on('data', (chunk: Buffer) => this.take(chunk));
    this.hold(false);
  }

  /** @param name an id, or one with `^{commit}`. @returns undefined where it is not there, or is no such thing */
  read(name: string, maxBytes: number): Promise<RawObject | undefined> {
    if (this.ended !== undefined) return Promise.reject(this.ended);
    return new Promise((resolve, reject) => {
      this.waiting.push({ maxBytes, resolve, reject });
      if (this.waiting.length === 1) this.next();
      this.child.stdin.write(`${name}\n`);
    });
  }

  /** Ends when what was asked for has been answered. */
  retire(): void {
    this.child.stdin.end();
  }

  private take(chunk: Buffer): void {
    try {
      this.answers.push(chunk, () => this.waiting[0]?.maxBytes ?? 0);
    } catch (error) {
      this.end(error as Error);
    }
  }

  private settle(answer: RawObject | undefined): void {
    this.waiting.shift()?.resolve(answer);
    this.next();
  }

  /** An idle one keeps no program alive, and one that is silent ends. */
  private next(): void {
    clearTimeout(this.timer);
    this.hold(this.waiting.length > 0);
    if (this.waiting.length === 0) return;
    this.timer = setTimeout(() => this.end(new Error('git cat-file does not answer')), answerTimeoutMs);
    this.timer.unref();
  }

  private hold(held: boolean): void {
    const sockets = [this.child.stdin, this.child.stdout] as unknown as { ref?(): void; unref?(): void }[];
    for (const handle of [this.child, ...sockets]) {
      if (held) handle.ref?.();
      else handle.unref?.();
    }
  }

  private end(error: Error): void {
    this.ended ??= error;
    clearTimeout(this.timer);
    this.child.kill('SIGKILL');
    for (const request of this.waiting.splice(0)) request.reject(error);
  }
}

/** Cuts what comes into answers: a line `<id> <type> <size>` with that many bytes and a line feed, or `<name> missing`. */
class Answers {
  private line: Buffer = Buffer.alloc(0);
  private current: (RawObject & { leftBytes: number; chunks: Buffer[] | undefined }) | undefined;

  constructor(private readonly done: (object: RawObject | undefined) => void) {}

  push(data: Buffer, maxBytes: () => number): void {
    let chunk = data;
    while (chunk.length > 0) chunk = this.current === undefined ? this.header(chunk, maxBytes) : this.body(chunk);
  }

  private header(chunk: Buffer, maxBytes: () => number): Buffer {
    const end = chunk.indexOf(10);
    this.line = Buffer.concat([this.line, end < 0 ? chunk : chunk.subarray(0, end)]);
    if (this.line.length > maxHeaderBytes) throw new Error('git cat-file answers with something else');
    if (end < 0) return Buffer.alloc(0);
    const [oid, type, size] = this.line.toString('utf8').split(' ');
    this.line = Buffer.alloc(0);
    if (size === undefined) this.done(undefined);
    else {
      const sizeBytes = Number(size);
      const chunks = sizeBytes <= maxBytes() ? [] : undefined;
      this.current = { oid: oid!, type: type!, sizeBytes, leftBytes: sizeBytes + 1, chunks };
    }
    return chunk.subarray(end + 1);
  }

  private body(chunk: Buffer): Buffer {
    const { current } = this;
    if (current === undefined) return chunk;
    const part = chunk.subarray(0, current.leftBytes);
    current.chunks?.push(part);
    current.leftBytes -= part.length;
    if (current.leftBytes === 0) {
      const { oid, type, sizeBytes, chunks } = current;
      this.current = undefined;
      const content = chunks === undefined ? {} : { content: Buffer.concat(chunks).subarray(0, sizeBytes) };
      this.done({ oid, type, sizeBytes, ...content });
    }
    return chunk.subarray(part.length);
  }
}
