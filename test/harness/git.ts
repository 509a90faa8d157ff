/** Real Git for tests: repositories made by the system's `git`, and its smart HTTP server on 127.0.0.1. */
import { execFile, spawn } from 'node:child_process';
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const maxBuffer = 64 * 1024 * 1024;

/** Nothing of the user's or the machine's configuration reaches these repositories. */
const environment: Record<string, string> = {
  PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
  LC_ALL: 'C',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada Fleet',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada Fleet',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
};

/** A file's content; `null` removes it; a link leads where it says. */
export type FileChange = string | Buffer | null | { link: string };

export interface TestRepository {
  /** The folder of the work tree; its `.git` is what the server serves. */
  folder: string;
  /** Writes the files, commits everything on the branch that is checked out, and gives the commit's id. */
  commit(files: Record<string, FileChange>, message?: string): Promise<string>;
  tag(name: string, options?: { annotated?: boolean; at?: string; force?: boolean }): Promise<void>;
  /** Makes the branch at HEAD or `at`, without checking it out. */
  branch(name: string, at?: string): Promise<void>;
  checkout(name: string): Promise<void>;
  deleteBranch(name: string): Promise<void>;
  /** Sets the branch that is checked out back to `to`, then commits: what a force push leaves behind. */
  forcePush(to: string, files: Record<string, FileChange>): Promise<string>;
  /** Undoes the newest commit by a new one. */
  revert(): Promise<string>;
  /** Moves all objects into one pack, and refs into packed-refs. */
  pack(): Promise<void>;
  git(...args: string[]): Promise<string>;
}

/** A repository with the branch `main` and no commit yet. */
export async function makeRepository(folder: string): Promise<TestRepository> {
  await mkdir(folder, { recursive: true });
  const git = async (...args: string[]): Promise<string> =>
    (await run('git', ['-C', folder, ...args], { env: environment, maxBuffer })).stdout.trim();
  await git('init', '--quiet', '--initial-branch=main');
  await git('config', 'gc.auto', '0');
  // Servers differ in whether they hand out any commit; the strict ones are the harder case.
  await git('config', 'uploadpack.allowAnySHA1InWant', 'false');
  const head = (): Promise<string> => git('rev-parse', 'HEAD');

  const commit = async (files: Record<string, FileChange>, message = 'Change files'): Promise<string> => {
    for (const [path, change] of Object.entries(files)) await writeChange(join(folder, path), change);
    await git('add', '--all');
    await git('commit', '--quiet', '--allow-empty', '-m', message);
    return head();
  };

  return {
    folder,
    git,
    commit,
    tag: async (name, { annotated = false, at = 'HEAD', force = false } = {}) => {
      await git('tag', ...(annotated ? ['-a', '-m', name] : []), ...(force ? ['--force'] : []), name, at);
    },
    branch: async (name, at = 'HEAD') => {
      await git('branch', '--quiet', '--force', name, at);
    },
    checkout: async (name) => {
      await git('checkout', '--quiet', name);
    },
    deleteBranch: async (name) => {
      await git('branch', '--quiet', '-D', name);
    },
    forcePush: async (to, files) => {
      await git('reset', '--quiet', '--hard', to);
      return commit(files, 'Rewrite history');
    },
    revert: async () => {
      await git('revert', '--no-edit', 'HEAD');
      return head();
    },
    pack: async () => {
      await git('pack-refs', '--all');
      await git('repack', '--quiet', '-a', '-d');
      await git('prune-packed', '--quiet');
    },
  };
}

async function writeChange(path: string, change: FileChange): Promise<void> {
  await rm(path, { force: true, recursive: true });
  if (change === null) return;
  await mkdir(dirname(path), { recursive: true });
  if (typeof change === 'string' || Buffer.isBuffer(change)) await writeFile(path, change);
  else await symlink(change.link, path);
}

export interface GitServerOptions {
  /** Asked for on every request. */
  auth?: { username: string; password: string };
  /** As an old server: the newer protocol is not offered. */
  protocol1Only?: boolean;
  /** Contents of files may be left out, as the large forges let one. */
  filters?: boolean;
  tls?: { key: string; cert: string };
  /** Answers in place of Git where it returns true. */
  intercept?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export interface GitServer {
  /** `http://127.0.0.1:<port>`: a repository at `<root>/app` is `<url>/app`. */
  url: string;
  /** Method and path of each request so far. */
  requests: string[];
  close(): Promise<void>;
}

/** Serves every repository below `root` over smart HTTP through `git http-backend`. */
export async function serveGit(root: string, options: GitServerOptions = {}): Promise<GitServer> {
  const requests: string[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push(`${request.method} ${request.url}`);
    if (options.intercept?.(request, response) === true) return;
    if (!authorized(request, options)) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('no access');
      return;
    }
    backend(root, request, response, options);
  };
  const server: Server = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function authorized(request: IncomingMessage, { auth }: GitServerOptions): boolean {
  if (auth === undefined) return true;
  const expected = Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
  return request.headers.authorization === `Basic ${expected}`;
}

const allowingFilters = {
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'uploadpack.allowFilter',
  GIT_CONFIG_VALUE_0: 'true',
};

function backend(root: string, request: IncomingMessage, response: ServerResponse, options: GitServerOptions): void {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const protocol = options.protocol1Only === true ? undefined : request.headers['git-protocol'];
  const child = spawn('git', ['http-backend'], {
    env: {
      ...environment,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: request.method ?? 'GET',
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      REMOTE_ADDR: '127.0.0.1',
      ...(typeof protocol === 'string' ? { GIT_PROTOCOL: protocol } : {}),
      ...(options.filters === true ? allowingFilters : {}),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => undefined);
  request.pipe(child.stdin);
  response.on('close', () => child.kill());
  let head: Buffer = Buffer.alloc(0);
  let started = false;
  child.stdout.on('data', (chunk: Buffer) => {
    if (started) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    started = true;
    writeHead(response, head.subarray(0, end).toString('latin1'));
    response.write(head.subarray(end + 4));
  });
  child.stdout.on('end', () => {
    if (!started) response.writeHead(500);
    response.end();
  });
}

function writeHead(response: ServerResponse, head: string): void {
  let status = 200;
  for (const line of head.split('\r\n')) {
    const [name, value] = [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()];
    if (name.toLowerCase() === 'status') status = Number(value.split(' ')[0]);
    else response.setHeader(name, value);
  }
  response.writeHead(status);
}

/**
 * A stand-in for `ssh` that runs the other side of Git on this machine: give its path as the SSH client, and addresses
 * such as `ssh://git@git.test/<absolute path>`. As the real one it refuses a host that is not in the known hosts, a key
 * file that others may read, and a key other than `acceptedKey`.
 */
export async function makeLocalSsh(folder: string, acceptedKey: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'accepted'), `${acceptedKey}\n`);
  const script = join(folder, 'ssh');
  await writeFile(script, localSsh.replace('@ACCEPTED@', join(folder, 'accepted')));
  await chmod(script, 0o755);
  return script;
}

const localSsh = `#!/bin/sh
key= known= strict=
while [ $# -gt 0 ]; do
  case "$1" in
    -i) key=$2; shift 2 ;;
    -F|-p) shift 2 ;;
    -o)
      case "$2" in
        UserKnownHostsFile=*) known=$(printf '%s' "\${2#*=}" | tr -d '"') ;;
        StrictHostKeyChecking=*) strict=\${2#*=} ;;
        SendEnv=*) ;;
      esac
      shift 2 ;;
    -*) shift ;;
    *) break ;;
  esac
done
host=\${1#*@}
[ "$strict" = yes ] && grep -q "^$host " "$known" || { echo "Host key verification failed." >&2; exit 255; }
[ "$(stat -c %a "$key")" = 600 ] || { echo "Permissions for '$key' are too open." >&2; exit 255; }
cmp -s "$key" '@ACCEPTED@' || { echo "git@$host: Permission denied (publickey)." >&2; exit 255; }
eval "exec $2"
`;
