/** Git over SSH through the system's `git`: a key of its own for each operation, and hosts that are known beforehand. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RepositoryCredentials } from '#libs/sources/credentials';
import type { GitRef } from '#libs/sources/revision';
import { RefList } from './advertisement';
import { GitFailure, tooLarge } from './failure';
import { incomingBytes, removeIncoming } from './incoming';
import { runGit } from './run-git';
import { sshFailure } from './ssh-failure';
import { type DownloadRequest, infiniteDepth, maxRefBytes, type Transport, type TransportContext } from './transport';

export interface SshTransportOptions extends TransportContext {
  url: string;
  host: string;
  credentials?: RepositoryCredentials;
  /** The SSH client and its leading arguments. */
  sshCommand: string[];
}

const connectTimeoutSeconds = 15;
const sizeCheckMs = 200;

export class SshTransport implements Transport {
  private home: string | undefined;

  constructor(private readonly options: SshTransportOptions) {}

  async listRefs(prefixes: string[]): Promise<GitRef[]> {
    const patterns = prefixes.map((prefix) => `${prefix}*`);
    const stdout = await this.git(['ls-remote', '--quiet', '--', this.options.url, ...patterns]);
    const refs = new RefList();
    for (const line of stdout.split('\n')) refs.add(line);
    return refs.all();
  }

  async download({ gitdir, wants, depth }: DownloadRequest): Promise<void> {
    const { url, limits } = this.options;
    const flags = ['--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--no-recurse-submodules'];
    const shallow = `--depth=${depth === Infinity ? infiniteDepth : depth}`;
    const args = [`--git-dir=${gitdir}`, 'fetch', '--quiet', '--force', ...flags, shallow, '--stdin', '--', url];
    const input = wants.map(({ oid }, index) => `+${oid}:refs/flotilla/incoming/${index}\n`).join('');
    // Git has no limit of its own for what it fetches, so the pack is watched while it grows.
    const tooMuch = new AbortController();
    const watch = setInterval(() => {
      void incomingBytes(gitdir).then((sizeBytes) => {
        if (sizeBytes > limits.maxPackBytes) tooMuch.abort();
      });
    }, sizeCheckMs);
    try {
      await this.git(args, input, tooMuch.signal);
      // A small download can be through between two looks.
      if (tooMuch.signal.aborted) throw tooLarge(limits.maxPackBytes);
    } finally {
      clearInterval(watch);
      await removeIncoming(gitdir);
    }
  }

  async close(): Promise<void> {
    if (this.home !== undefined) await rm(this.home, { recursive: true, force: true });
  }

  private async git(args: string[], input?: string, tooMuch?: AbortSignal): Promise<string> {
    const { signal, host, timeoutMs, limits } = this.options;
    const env = await this.environment();
    const result = await runGit({
      args,
      env,
      ...(input === undefined ? {} : { input }),
      signal: tooMuch === undefined ? signal : AbortSignal.any([signal, tooMuch]),
      maxOutputBytes: maxRefBytes,
    });
    if (result.code === 0) return result.stdout;
    if (tooMuch?.aborted === true) throw tooLarge(limits.maxPackBytes);
    throw sshFailure(result, { host, timeoutMs, timedOut: signal.aborted });
  }

  private async environment(): Promise<Record<string, string>> {
    const { credentials, host, sshCommand } = this.options;
    if (credentials?.kind !== 'ssh') {
      const remedy = 'give the source credentials of kind ssh: privateKey and knownHosts';
      throw new GitFailure('unauthorized', `${host} is reached over SSH, which needs a private key`, remedy);
    }
    if (credentials.knownHosts === undefined || credentials.knownHosts.trim() === '') {
      throw new GitFailure(
        'invalid',
        `no host key is known for ${host}, so whoever answers could not be told from it`,
        `give knownHosts with the credentials: the output of \`ssh-keyscan ${host}\`, compared with what its owner publishes`,
      );
    }
    if (this.home === undefined) {
      this.home = await mkdtemp(join(tmpdir(), 'flotilla-ssh-'));
      await writeFile(join(this.home, 'key'), ended(credentials.privateKey), { mode: 0o600 });
      await writeFile(join(this.home, 'known_hosts'), ended(credentials.knownHosts), { mode: 0o600 });
    }
    const options = sshOptions(this.home);
    const command = [...sshCommand, ...options].map(quote).join(' ');
    return { HOME: this.home, GIT_SSH_COMMAND: command, GIT_SSH_VARIANT: 'ssh' };
  }
}

function sshOptions(home: string): string[] {
  const options = {
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    BatchMode: 'yes',
    StrictHostKeyChecking: 'yes',
    UserKnownHostsFile: `"${join(home, 'known_hosts')}"`,
    GlobalKnownHostsFile: '/dev/null',
    UpdateHostKeys: 'no',
    ConnectTimeout: String(connectTimeoutSeconds),
    ServerAliveInterval: String(connectTimeoutSeconds),
    ClearAllForwardings: 'yes',
    LogLevel: 'ERROR',
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return ['-F', '/dev/null', '-i', join(home, 'key'), ...flags];
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
