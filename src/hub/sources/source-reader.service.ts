import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { SourceSpec } from '#libs/resources/source';
import { gitCredentials, type GitCredentials, type RepositoryCredentials } from '#libs/sources/credentials';
import { HUB_CONFIG } from '#src/hub/config/config.module';
import type { HubConfig } from '#src/hub/config/schema';
import { Sealing } from '#src/hub/security/sealing';
import { Outgoing } from '#src/net/outgoing';
import type {
  FetchFailure,
  FetchOutcome,
  RepositoryRequest,
  TreeFailure,
  TreeIdOutcome,
  TreeOutcome,
} from './git/port';
import { GitRepositoriesOnDisk } from './git/repositories';
import { InstallationTokens } from './github-app/installation-tokens';

export interface ReadableSource {
  id: string;
  spec: SourceSpec;
  credentials_sealed: Buffer | null;
}

/** What credentials are sealed for; the owner is the source's id. */
export const credentialsPurpose = 'source-credentials';

const unreadableCredentials: FetchFailure = {
  kind: 'failed',
  class: 'unauthorized',
  message: "the source's credentials cannot be opened: they were sealed with another encryption key, or are damaged",
  remedy: 'declare the source again with its credentials',
};

/** Git, with the credentials of each source. */
@Injectable()
export class SourceReader implements OnApplicationShutdown {
  private readonly git: GitRepositoriesOnDisk;

  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    private readonly sealing: Sealing,
    outgoing: Outgoing,
    private readonly appTokens: InstallationTokens,
  ) {
    this.git = new GitRepositoriesOnDisk({
      dataFolder: config.dataFolder,
      allowLocalPaths: config.sources.allowLocalPaths,
      allowInsecureHttp: config.sources.allowInsecureHttp,
      outgoing,
    });
  }

  async fetch(
    source: ReadableSource & { commit_id: string | null; revision_name: string | null },
  ): Promise<FetchOutcome> {
    const revision = source.spec.revision;
    const last = { lastCommit: source.commit_id ?? undefined, lastName: source.revision_name ?? undefined };
    return await this.withAccess(source, (request) => this.git.fetch({ ...request, revision, ...last }));
  }

  /** Cheap where this replica has the commit; fetches it first where not. */
  async treeIdOf(source: ReadableSource, commit: string, path: string): Promise<TreeIdOutcome> {
    const location = { sourceId: source.id, url: source.spec.url, commit, path };
    return await this.withCommit(source, { commit }, () => this.git.treeIdOf(location));
  }

  async readTree(source: ReadableSource, commit: string, path: string): Promise<TreeOutcome> {
    const location = { sourceId: source.id, url: source.spec.url, commit, path };
    return await this.withCommit(source, { commit, path }, () => this.git.readTree(location));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.git.close();
  }

  async cachedSources(): Promise<string[]> {
    return await this.git.cachedSources();
  }

  async forget(sourceId: string): Promise<void> {
    await this.git.forget(sourceId);
  }

  /** Tries again with the commit, or the files of the path, brought here, where this replica lacks them. */
  private async withCommit<T extends { ok: true }>(
    source: ReadableSource,
    wanted: { commit: string; path?: string },
    look: () => Promise<T | TreeFailure>,
  ): Promise<T | TreeFailure> {
    const outcome = await look();
    if (outcome.ok || outcome.reason !== 'commitMissing') return outcome;
    const ensured = await this.withAccess(source, (request) => this.git.ensureCommit({ ...request, ...wanted }));
    if (ensured.kind === 'failed') return { ...outcome, message: ensured.message, remedy: ensured.remedy };
    return await look();
  }

  /** A token of an App that is refused is not used again: it may have been withdrawn. */
  private async withAccess<T extends { kind: string }>(
    { id, spec, credentials_sealed }: ReadableSource,
    work: (request: RepositoryRequest) => Promise<T | FetchFailure>,
  ): Promise<T | FetchFailure> {
    const sealed = credentials_sealed === null ? undefined : this.credentials(id, credentials_sealed);
    if (sealed === null) return unreadableCredentials;
    const timeoutMs = this.config.sources.fetchTimeoutSeconds * 1_000;
    let credentials: RepositoryCredentials | undefined;
    if (sealed?.kind === 'githubApp') {
      const issued = await this.appTokens.tokenFor(sealed, { timeoutMs, caCertificate: spec.caCertificate });
      if (issued.kind === 'failed') return issued;
      credentials = { kind: 'token', token: issued.token };
    } else credentials = sealed;
    const outcome = await work({
      sourceId: id,
      url: spec.url,
      credentials,
      caCertificate: spec.caCertificate,
      timeoutMs,
      limits: { maxPackBytes: this.config.sources.maxPackMebibytes * 1024 * 1024 },
    });
    const isRefused = outcome.kind === 'failed' && (outcome as FetchFailure).class === 'unauthorized';
    if (isRefused && sealed?.kind === 'githubApp') this.appTokens.forget(sealed);
    return outcome;
  }

  private credentials(sourceId: string, sealed: Buffer): GitCredentials | null {
    try {
      return gitCredentials.parse(JSON.parse(this.sealing.open(credentialsPurpose, sourceId, sealed).toString('utf8')));
    } catch {
      return null;
    }
  }
}
