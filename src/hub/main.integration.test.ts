import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { type FreshDatabase, freshDatabase } from '#test/harness/postgres';

const root = path.join(__dirname, '..', '..');
const program = path.join(root, 'dist', 'src', 'hub', 'main.js');

interface Run {
  child: ChildProcess;
  out: () => string;
  ended: Promise<number | null>;
}

function start(env: Record<string, string>): Run {
  const child = spawn(process.execPath, [program], { env: { PATH: process.env['PATH'], ...env } });
  let text = '';
  child.stdout.on('data', (data: Buffer) => (text += data.toString()));
  child.stderr.on('data', (data: Buffer) => (text += data.toString()));
  return { child, out: () => text, ended: once(child, 'close').then(([code]) => code as number | null) };
}

async function listening(run: Run): Promise<number> {
  while (!run.out().includes('the hub listens')) {
    const ended = await Promise.race([run.ended.then(() => true), once(run.child.stdout!, 'data').then(() => false)]);
    if (ended) throw new Error(run.out());
  }
  const line = run
    .out()
    .split('\n')
    .find((each) => each.includes('the hub listens'));
  return (JSON.parse(line ?? '{}') as { port: number }).port;
}

describe('the program of the hub', () => {
  let database: FreshDatabase;
  beforeAll(async () => {
    await once(spawn(process.execPath, [path.join(root, 'scripts', 'build.js')], { stdio: 'ignore' }), 'close');
    database = await freshDatabase();
  }, 120_000);
  afterAll(() => database.drop());

  const env = (more: Record<string, string> = {}) => ({
    FLOTILLA_DATABASE_URL: database.url,
    FLOTILLA_DATA_FOLDER: '/nonexistent/flotilla',
    FLOTILLA_ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
    FLOTILLA_HTTP_PORT: '0',
    ...more,
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('finishes and ends with 0 on %s', async (signal) => {
    const run = start(env());
    const port = await listening(run);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    run.child.kill(signal);
    expect(await run.ended).toBe(0);
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  });

  it('says all that is wrong with its configuration, and ends with 2', async () => {
    const run = start(
      env({ FLOTILLA_HTTP_PORT: 'eighty', FLOTILLA_HTTP_PROT: '1', FLOTILLA_ENCRYPTION_KEY: 'c2hvcnQ=' }),
    );
    expect(await run.ended).toBe(2);
    expect(run.out()).toMatch(/FLOTILLA_HTTP_PORT/);
    expect(run.out()).toMatch(/FLOTILLA_HTTP_PROT: .*did you mean/);
    expect(run.out()).toMatch(/openssl rand/);
    expect(run.out()).not.toContain('c2hvcnQ');
  });

  it('ends with 1 when the encryption key is not the one that the database was filled with', async () => {
    const run = start(env({ FLOTILLA_ENCRYPTION_KEY: Buffer.alloc(32, 2).toString('base64') }));
    expect(await run.ended).toBe(1);
    expect(run.out()).toContain("was the hub's encryption key changed?");
  });
});
