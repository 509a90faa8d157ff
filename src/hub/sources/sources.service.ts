import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { canonicalJson } from '#libs/protocol/canonical';
import type { SourceDocument, SourceSpec } from '#libs/resources/source';
import { requireUnscoped } from '#src/hub/access/scope';
import { Audit } from '#src/hub/audit/audit';
import { HUB_CONFIG } from '#src/hub/config/config.module';
import type { HubConfig } from '#src/hub/config/schema';
import { Database } from '#src/hub/database/database';
import { currentActor } from '#src/hub/http/context';
import { decodeCursor, type Page, pageOf } from '#src/hub/http/pages';
import { Problem } from '#src/hub/http/problem';
import { expectVersion } from '#src/hub/http/versions';
import { Sealing } from '#src/hub/security/sealing';
import { Notifications } from '#src/hub/stages/notifications';
import { problemsOf } from './check-source';
import { credentialsPurpose, SourceReader } from './source-reader.service';
import { type SealedChange, type SourceRow, SourcesRepository } from './sources.repository';
import { type DeletedSource, type Source, sourceOf, type SourceQuery } from './sources.schema';

/** What webhook secrets are sealed for; the owner is the source's id. */
export const webhookSecretPurpose = 'webhook-secret';
const maxUsersNamed = 10;

type Declaration = SourceDocument['spec'];

/** Git repositories as people declare them. What is read from them is the fetch stage's. */
@Injectable()
export class Sources {
  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    private readonly database: Database,
    private readonly repository: SourcesRepository,
    private readonly sealing: Sealing,
    private readonly reader: SourceReader,
    private readonly notifications: Notifications,
    private readonly audit: Audit,
  ) {}

  async create(document: SourceDocument): Promise<Source> {
    requireUnscoped(currentActor());
    return await this.database.transaction(async () => {
      const source = await this.insert(document);
      if (source !== undefined) return source;
      const { name } = document.metadata;
      throw Problem.conflict(`there is a source ${name} already; change it with PUT, or choose another name`);
    });
  }

  /** Creates it where it is missing. */
  async replace(document: SourceDocument, expected: number | undefined): Promise<{ source: Source; made: boolean }> {
    requireUnscoped(currentActor());
    const { name } = document.metadata;
    return await this.database.transaction(async () => {
      const row = await this.repository.lock(name);
      if (row === undefined && expected === undefined) {
        const made = await this.insert(document);
        if (made !== undefined) return { source: made, made: true };
        throw Problem.conflict(`source ${name} is being created by someone else; try again`);
      }
      if (row === undefined) throw Problem.notFound('source', name);
      expectVersion('source', name, row.version, expected);
      await this.change(row, document.spec);
      return { source: await this.get(name), made: false };
    });
  }

  async list({ limit, cursor, state }: SourceQuery): Promise<Page<Source>> {
    const after = decodeCursor(cursor, z.tuple([z.string().max(63)]))?.[0];
    return pageOf(await this.repository.list(state, after, limit + 1), limit, (row) => [row.name], sourceOf);
  }

  async get(name: string): Promise<Source> {
    return sourceOf(await this.row(name));
  }

  async delete(name: string): Promise<DeletedSource> {
    requireUnscoped(currentActor());
    await this.database.transaction(async () => {
      const row = await this.repository.lock(name);
      if (row === undefined) throw Problem.notFound('source', name);
      const users = await this.repository.users(row.id, maxUsersNamed);
      if (users.total > 0) {
        const more = users.total > users.names.length ? ` and ${users.total - users.names.length} more` : '';
        throw Problem.conflict(
          `source ${name} is used by ${users.names.join(', ')}${more}; delete these applications or give them another source`,
        );
      }
      await this.repository.delete(row.id);
      await this.record('source.delete', row, { spec: row.spec }, undefined);
      this.database.afterCommit(() => void this.reader.forget(row.id).catch(() => undefined));
    });
    return { name, state: 'deleted' };
  }

  /** Reads it now instead of at its next turn. */
  async refresh(name: string): Promise<Source> {
    return await this.database.transaction(async () => {
      const row = await this.row(name);
      await this.fetchNow(name);
      await this.record('source.refresh', row, undefined, undefined);
      return sourceOf(row);
    });
  }

  /** In the transaction of the caller. */
  async fetchNow(name: string): Promise<void> {
    await this.repository.raiseFetchDue(name);
    await this.notifications.notify('flotilla_stage', 'fetch');
  }

  private async row(name: string): Promise<SourceRow> {
    const row = await this.repository.find(name);
    if (row === undefined) throw Problem.notFound('source', name);
    return row;
  }

  private async insert({ metadata: { name }, spec: declaration }: SourceDocument): Promise<Source | undefined> {
    const { spec, sealedFor, told } = this.split(declaration);
    this.check(declaration);
    const id = uuidv7();
    if (!(await this.repository.insert(id, name, spec, sealedFor(id)))) return undefined;
    await this.record('source.create', { id, name }, undefined, { spec, ...told });
    await this.notifications.notify('flotilla_stage', 'fetch');
    return await this.get(name);
  }

  private async change(row: SourceRow, declaration: Declaration): Promise<void> {
    this.check(declaration, row);
    const { spec, sealedFor, told } = this.split(await this.withoutKnown(row.id, declaration));
    const isSame = canonicalJson(spec) === canonicalJson(row.spec);
    const sealed = sealedFor(row.id);
    if (
      isSame &&
      removesNothing(sealed.credentials, row.credentials_set) &&
      removesNothing(sealed.webhookSecret, row.webhook_secret_set)
    )
      return;
    const isReadAnew = canonicalJson({ ...spec, pollSeconds: 0 }) !== canonicalJson({ ...row.spec, pollSeconds: 0 });
    const fetch = isReadAnew || sealed.credentials !== undefined;
    await this.repository.update(row.id, spec, sealed, fetch);
    await this.record('source.update', row, { spec: row.spec }, { spec, ...told });
    if (fetch) await this.notifications.notify('flotilla_stage', 'fetch');
  }

  /** Without the secrets that are stored already, so that declaring the same again changes nothing. */
  private async withoutKnown(id: string, declaration: Declaration): Promise<Declaration> {
    const sealed = await this.repository.sealed(id);
    // What was sealed with another key cannot be opened: then it is new, and this is how it is mended.
    const open = (purpose: string, value: Buffer | null | undefined): string | undefined => {
      if (value == null) return undefined;
      try {
        return this.sealing.open(purpose, id, value).toString('utf8');
      } catch {
        return undefined;
      }
    };
    const { credentials, webhookSecret, ...rest } = declaration;
    const hasCredentials = credentials && open(credentialsPurpose, sealed.credentials) === JSON.stringify(credentials);
    const hasSecret = webhookSecret && open(webhookSecretPurpose, sealed.webhookSecret) === webhookSecret;
    return { ...rest, ...(hasCredentials ? {} : { credentials }), ...(hasSecret ? {} : { webhookSecret }) };
  }

  private check(declaration: Declaration, before?: SourceRow): void {
    const kept = before === undefined ? undefined : { url: before.spec.url, credentialsSet: before.credentials_set };
    const problems = problemsOf(declaration, this.config.sources, kept);
    if (problems.length > 0) throw Problem.invalid(problems);
  }

  /** What is stored in the open, what is sealed, and what audit may know of that. */
  private split({ credentials, webhookSecret, ...spec }: Declaration) {
    const seal = (purpose: string, id: string, secret: string | null | undefined) =>
      typeof secret === 'string' ? this.sealing.seal(purpose, id, secret) : secret;
    const sealedFor = (id: string): SealedChange => ({
      credentials: seal(credentialsPurpose, id, credentials ? JSON.stringify(credentials) : credentials),
      webhookSecret: seal(webhookSecretPurpose, id, webhookSecret),
    });
    const told = {
      ...(credentials === undefined ? {} : { credentialsKind: credentials?.kind ?? 'none', credentialsChanged: true }),
      ...(webhookSecret === undefined ? {} : { webhookSecretChanged: true }),
    };
    return { spec: spec satisfies SourceSpec, sealedFor, told };
  }

  private async record(
    action: string,
    { id, name }: { id: string; name: string },
    before: object | undefined,
    after: object | undefined,
  ): Promise<void> {
    await this.audit.record({ action, resourceKind: 'Source', resourceId: id, resourceName: name, before, after });
  }
}

/** Nothing was said of the secret, or to remove one that is not there. */
function removesNothing(change: Buffer | null | undefined, isSet: boolean): boolean {
  return change === undefined || (change === null && !isSet);
}
