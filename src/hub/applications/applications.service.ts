import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { canonicalJson } from '#libs/protocol/canonical';
import type { ApplicationDocument, ApplicationSpec } from '#libs/resources/application';
import { suggestion } from '#libs/text/suggestion';
import { requireApplication, seesApplication } from '#src/hub/access/scope';
import { Audit } from '#src/hub/audit/audit';
import { Database } from '#src/hub/database/database';
import { currentActor } from '#src/hub/http/context';
import { decodeCursor, type Page, pageOf } from '#src/hub/http/pages';
import { Problem } from '#src/hub/http/problem';
import { expectVersion } from '#src/hub/http/versions';
import { Sources } from '#src/hub/sources/sources.service';
import { Notifications } from '#src/hub/stages/notifications';
import { ApplicationsRepository, type LockedApplication } from './applications.repository';
import { type Application, applicationOf, type ApplicationQuery } from './applications.schema';

const maxSourcesCompared = 1_000;

/** Applications as people declare them, with what has become of them. How they go stands in `ApplicationRemoval`. */
@Injectable()
export class Applications {
  constructor(
    private readonly database: Database,
    private readonly repository: ApplicationsRepository,
    private readonly sources: Sources,
    private readonly notifications: Notifications,
    private readonly audit: Audit,
  ) {}

  async create(document: ApplicationDocument): Promise<Application> {
    const { name } = document.metadata;
    requireApplication(currentActor(), name);
    return await this.database.transaction(async () => {
      if (await this.insert(document)) return await this.get(name);
      throw Problem.conflict(`there is an application ${name} already; change it with PUT, or choose another name`);
    });
  }

  /** Creates it where it is missing. An edit that changes nothing is none. */
  async replace(
    document: ApplicationDocument,
    expected: number | undefined,
  ): Promise<{ application: Application; made: boolean }> {
    const { name } = document.metadata;
    requireApplication(currentActor(), name);
    return await this.database.transaction(async () => {
      const row = await this.repository.lock(name);
      if (row === undefined) {
        if (expected !== undefined) throw Problem.notFound('application', name);
        if (await this.insert(document)) return { application: await this.get(name), made: true };
        throw Problem.conflict(`application ${name} is being created by someone else; try again`);
      }
      expectVersion('application', name, row.version, expected);
      refuseDeleting(row);
      await this.change(row, document.spec);
      return { application: await this.get(name), made: false };
    });
  }

  async list({ limit, cursor, ...filter }: ApplicationQuery): Promise<Page<Application>> {
    const after = decodeCursor(cursor, z.tuple([z.string().max(63)]))?.[0];
    const rows = await this.repository.list(filter, currentActor().scope, { after, limit: limit + 1 });
    return pageOf(rows, limit, (row) => [row.name], applicationOf);
  }

  async get(name: string): Promise<Application> {
    const row = (await this.repository.list({ name }, currentActor().scope, { limit: 1 }))[0];
    if (row === undefined) throw Problem.notFound('application', name);
    return applicationOf(row);
  }

  /** Reads its source now, and places and renders it again. */
  async sync(name: string): Promise<Application> {
    return await this.database.transaction(async () => {
      // The source before the application: the order in which a fetch writes them.
      await this.sources.fetchNow((await this.visible(name)).spec.source);
      const row = await this.lockForChange(name);
      refuseDeleting(row);
      await this.repository.evaluateAgain(row.id);
      await this.notifications.notify('flotilla_stage', 'evaluate');
      await this.record('application.sync', row, undefined, { source: row.spec.source });
      return await this.get(name);
    });
  }

  /** As far as the caller's token sees it. */
  async visible(name: string): Promise<LockedApplication> {
    const row = await this.repository.find(name);
    if (row === undefined || !seesApplication(currentActor(), name)) throw Problem.notFound('application', name);
    return row;
  }

  /** Locked, visible to the caller, and theirs to change. */
  async lockForChange(name: string): Promise<LockedApplication> {
    const row = await this.repository.lock(name);
    if (row === undefined || !seesApplication(currentActor(), name)) throw Problem.notFound('application', name);
    requireApplication(currentActor(), name);
    return row;
  }

  async record(
    action: string,
    { id, name }: { id: string; name: string },
    before: object | undefined,
    after: object | undefined,
  ): Promise<void> {
    await this.audit.record({ action, resourceKind: 'Application', resourceId: id, resourceName: name, before, after });
  }

  private async insert({ metadata: { name }, spec }: ApplicationDocument): Promise<boolean> {
    const id = uuidv7();
    if (!(await this.repository.insert(id, name, await this.sourceOf(spec), spec))) return false;
    await this.notifications.notify('flotilla_stage', 'evaluate');
    await this.record('application.create', { id, name }, undefined, spec);
    return true;
  }

  private async change(row: LockedApplication, spec: ApplicationSpec): Promise<void> {
    const sourceId = await this.sourceOf(spec);
    if (canonicalJson(spec) === canonicalJson(row.spec)) return;
    await this.repository.update(row.id, sourceId, spec);
    await this.notifications.notify('flotilla_stage', 'evaluate');
    await this.record('application.update', row, row.spec, spec);
  }

  private async sourceOf({ source }: ApplicationSpec): Promise<string> {
    const id = await this.repository.sourceId(source);
    if (id !== undefined) return id;
    const hint = suggestion(source, await this.repository.sourceNames(maxSourcesCompared));
    throw Problem.invalid([
      {
        field: 'spec.source',
        message: `there is no source ${JSON.stringify(source)}; ${hint === '' ? 'create it first' : hint}`,
      },
    ]);
  }
}

function refuseDeleting({ name, deleting }: LockedApplication): void {
  if (deleting) throw Problem.conflict(`application ${name} is being deleted; wait until it is gone`);
}
