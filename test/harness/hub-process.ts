import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '#src/embedded/ports';
import type { CrashPoint } from '#src/hub/stages/crash-point';

const root = path.join(__dirname, '..', '..');
const readyTimeoutMs = 30_000;

export interface HubProcessOptions {
  databaseUrl: string;
  /** 32 bytes in base64. */
  encryptionKey: string;
  dataFolder: string;
  /** More variables, `FLOTILLA_…`. */
  env?: Record<string, string>;
}

/** A hub as a process of its own, which a test may kill and start again, always on the same port. */
export class HubProcess {
  private child: ChildProcess | undefined;
  /** JSON lines of all its lives. */
  readonly logs: string[] = [];

  private constructor(
    private readonly options: HubProcessOptions,
    private readonly port: number,
  ) {}

  static async create(options: HubProcessOptions): Promise<HubProcess> {
    execFileSync('node', [path.join(root, 'scripts', 'build.js')], { stdio: 'pipe' });
    return new HubProcess(options, await freePort());
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Of its life now. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  get isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Resolves when it answers. @param crashAt it ends with SIGKILL when it passes this point */
  async start(crashAt?: CrashPoint): Promise<void> {
    const child = spawn(process.execPath, [path.join(root, 'dist', 'src', 'hub', 'main.js')], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env.PATH,
        FLOTILLA_DATABASE_URL: this.options.databaseUrl,
        FLOTILLA_HTTP_PORT: String(this.port),
        FLOTILLA_DATA_FOLDER: this.options.dataFolder,
        FLOTILLA_ENCRYPTION_KEY: this.options.encryptionKey,
        FLOTILLA_SOURCES_ALLOW_LOCAL_PATHS: 'true',
        ...this.options.env,
        ...(crashAt === undefined ? {} : { FLOTILLA_TEST_CRASH_AT: crashAt }),
      },
    });
    this.child = child;
    createInterface({ input: child.stdout }).on('line', (line) => this.logs.push(line));
    const deadline = Date.now() + readyTimeoutMs;
    while (!(await this.answers())) {
      if (!this.isRunning) {
        if (crashAt !== undefined) return;
        throw new Error(`the hub ended while it started:\n${this.logs.slice(-20).join('\n')}`);
      }
      if (Date.now() > deadline) throw new Error(`the hub does not answer:\n${this.logs.slice(-20).join('\n')}`);
      await sleep(50);
    }
  }

  /** Resolves when it is gone; the way it went. */
  async ended(): Promise<NodeJS.Signals | number | null> {
    const { child } = this;
    if (child === undefined) return null;
    if (this.isRunning) await once(child, 'exit');
    return child.signalCode ?? child.exitCode;
  }

  async kill(): Promise<void> {
    this.child?.kill('SIGKILL');
    await this.ended();
  }

  async stop(): Promise<void> {
    this.child?.kill('SIGTERM');
    await this.ended();
  }

  private async answers(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/healthz`, { signal: AbortSignal.timeout(1_000) })).ok;
    } catch {
      return false;
    }
  }
}
