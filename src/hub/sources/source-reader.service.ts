import { Inject, Injectable } from '@nestjs/common';
import type { SourceSpec } from '#libs/resources/source';
import { gitCredentials, type GitCredentials } from '#libs/sources/credentials';
import { HUB_CONFIG } from '#src/hub/config/config.module';
import type { HubConfig } from '#src/hub/config/schema';
import { Sealing } from '#src/hub/security/sealing';
import type { FetchOutcome, RepositoryRequest, TreeIdOutcome, TreeOutcome } from './git/port';
import { GitRepositoriesOnDisk } from './git/repositories';

export interface ReadableSource {
  id: string;
  spec: SourceSpec;
  credentials_sealed: Buffer | null;
}

/** What credentials are sealed for; the owner is the source's id. */
export const credentialsPurpose = 'source-credentials';

/** Git, with the credentials of each source. */
@Injectable()
export class SourceReader {
  private readonly git: GitRepositoriesOnDisk;

  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    private readonly sealing: Sealing,
  ) {
    this.git = new GitRepositoriesOnDisk({
      dataFolder: config.dataFolder,
      allowLocalPaths: config.sources.allowLocalPaths,
      allowInsecureHttp: config.sources.allowInsecureHttp,
    });
  }

  async fetch(
    source: ReadableSource & { commit_id: string | null; revision_name: string | null },
  ): Promise<FetchOutcome> {
    return await this.git.fetch({
      ...this.requestFor(source),
      revision: source.spec.revision,
      lastCommit: source.commit_id ?? undefined,
      lastName: source.revision_name ?? undefined,
    });
  }

  /** Cheap where this replica has the commit; fetches it first where not. */
  async treeIdOf(source: ReadableSource, commit: string, path: string): Promise<TreeIdOutcome> {
    const location = { sourceId: source.id, url: source.spec.url, commit, path };
    const outcome = await this.git.treeIdOf(location);
    if (outcome.ok || outcome.reason !== 'commitMissing') return outcome;
    const ensured = await this.git.ensureCommit({ ...this.requestFor(source), commit });
    if (ensured.kind === 'failed') return { ...outcome, message: ensured.message, remedy: ensured.remedy };
    return await this.git.treeIdOf(location);
  }

  /** Call `treeIdOf` before, which brings the commit. */
  async readTree(source: ReadableSource, commit: string, path: string): Promise<TreeOutcome> {
    return await this.git.readTree({ sourceId: source.id, url: source.spec.url, commit, path });
  }

  async forget(sourceId: string): Promise<void> {
    await this.git.forget(sourceId);
  }

  private requestFor({ id, spec, credentials_sealed }: ReadableSource): RepositoryRequest {
    return {
      sourceId: id,
      url: spec.url,
      credentials: credentials_sealed === null ? undefined : this.credentials(id, credentials_sealed),
      caCertificate: spec.caCertificate,
      timeoutMs: this.config.sources.fetchTimeoutSeconds * 1_000,
      limits: { maxPackBytes: this.config.sources.maxPackMebibytes * 1024 * 1024 },
    };
  }

  private credentials(sourceId: string, sealed: Buffer): GitCredentials {
    return gitCredentials.parse(JSON.parse(this.sealing.open(credentialsPurpose, sourceId, sealed).toString('utf8')));
  }
}
