import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { PostgresBinaries, SystemUser } from './postgres-home';

const run = promisify(execFile);
const inUseAfterMs = 3_000;

/** The superuser and the database. */
export const role = 'flotilla';

export const environment = (): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' });

export interface DataFolder {
  home: string;
  data: string;
  binaries: PostgresBinaries;
  user: SystemUser | undefined;
}

/** Makes the data once, under another name until they are complete. Answers the password. */
export async function initialise({ home, data, binaries, user }: DataFolder): Promise<string> {
  const passwordFile = path.join(home, 'password');
  if (!existsSync(data)) {
    const fresh = path.join(home, 'data.new');
    rmSync(fresh, { recursive: true, force: true });
    writeFileSync(passwordFile, randomBytes(24).toString('hex'), { mode: 0o600 });
    if (user !== undefined) chownSync(passwordFile, user.uid, user.gid);
    // Without waiting for the disk, which takes seconds: for the first half minute, before anything of worth is in it, only a
    // crash of the machine could harm it.
    const flags = ['--no-instructions', '--no-sync', '--encoding=UTF8', '--auth=scram-sha-256', `--username=${role}`];
    const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    await run(binaries.initdb, [`--pgdata=${fresh}`, `--pwfile=${passwordFile}`, ...flags, ...locale], {
      ...user,
      cwd: '/',
      env: environment(),
    });
    renameSync(fresh, data);
  }
  return readFileSync(passwordFile, 'utf8').trim();
}

export interface Postmaster {
  pid: number;
  /** In seconds; tells a server from one that was killed and had the same process id. */
  startedAt: string;
  state: string;
}

/** What postmaster.pid says, which a server that was killed leaves behind. */
export function postmaster(data: string): Postmaster | undefined {
  try {
    const lines = readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), startedAt: lines[2] ?? '', state: lines[7]?.trim() ?? '' };
  } catch {
    return undefined;
  }
}

export class DataInUse extends Error {}

/** A server whose owner was killed is ending by itself; one that stays belongs to somebody. */
export async function untilUnused(data: string): Promise<void> {
  const until = Date.now() + inUseAfterMs;
  for (
    let found = postmaster(data);
    found !== undefined && (await isPostgresOn(found.pid, data));
    found = postmaster(data)
  ) {
    if (Date.now() > until)
      throw new DataInUse(`${data} is in use by the PostgreSQL of process ${found.pid}: stop that one first`);
    await sleep(50);
  }
}

async function isPostgresOn(pid: number, data: string): Promise<boolean> {
  if (!(pid > 0)) return false;
  return (await commandOf(pid)).includes(data);
}

async function commandOf(pid: number): Promise<string> {
  try {
    if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return (await run('ps', ['-o', 'command=', '-p', String(pid)])).stdout;
  } catch {
    return ''; // there is no such process
  }
}
