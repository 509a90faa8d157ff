import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { labelsSchema } from '#libs/placement/selector';
import { type ClusterDeclaration, type ClusterDocument, declarationOf } from '#libs/resources/cluster';
import { requireRegion, seesRegion } from '#src/hub/access/scope';
import { Audit } from '#src/hub/audit/audit';
import { Database } from '#src/hub/database/database';
import { currentActor } from '#src/hub/http/context';
import { decodeCursor, type Page, pageOf } from '#src/hub/http/pages';
import { Problem } from '#src/hub/http/problem';
import { validate } from '#src/hub/http/validation';
import { expectVersion } from '#src/hub/http/versions';
import { Notifications } from '#src/hub/stages/notifications';
import { ClustersRepository } from './clusters.repository';
import type { LockedCluster } from './clusters.rows';
import { type Cluster, clusterOf, type ClusterQuery, type RegisteredCluster } from './clusters.schema';
import { FleetChangesRepository } from './fleet-changes.repository';
import { JoinTokens } from './join-tokens.service';

/** Registered clusters as people declare them. How they leave stands in `ClusterRemoval`. */
@Injectable()
export class Clusters {
  constructor(
    private readonly database: Database,
    private readonly repository: ClustersRepository,
    private readonly fleet: FleetChangesRepository,
    private readonly joinTokens: JoinTokens,
    private readonly audit: Audit,
    private readonly notifications: Notifications,
  ) {}

  async register(document: ClusterDocument): Promise<RegisteredCluster> {
    const { name } = document.metadata;
    const declaration = declarationOf(document);
    requireRegion(currentActor(), declaration.region);
    const id = uuidv7();
    return await this.database.transaction(async () => {
      if (!(await this.repository.insert(id, name, declaration))) {
        throw Problem.conflict(
          `there is a cluster ${name} already; choose another name, or \`flotilla cluster join-token ${name}\` to join it again`,
        );
      }
      const join = await this.joinTokens.issue(id);
      await this.record('cluster.register', { id, name }, undefined, declaration);
      await this.fleet.placementChanged();
      return { ...(await this.get(name)), join };
    });
  }

  async list({ limit, cursor, ...filter }: ClusterQuery): Promise<Page<Cluster>> {
    const after = decodeCursor(cursor, z.tuple([z.string().max(63)]))?.[0];
    const { regions } = currentActor().scope;
    const rows = await this.repository.list(filter, { limit: limit + 1, after, regions });
    return pageOf(rows, limit, (row) => [row.name], clusterOf);
  }

  async get(name: string): Promise<Cluster> {
    const row = await this.repository.find(name, currentActor().scope.regions);
    if (row === undefined) throw Problem.notFound('cluster', name);
    return clusterOf(row);
  }

  /**
   * @param expected version, from If-Match
   * @param edit what is declared now → what is to be declared
   * @param action as the audit has it
   */
  async change(
    name: string,
    expected: number | undefined,
    edit: (now: ClusterDeclaration) => ClusterDeclaration,
    action = 'cluster.update',
  ): Promise<Cluster> {
    return await this.database.transaction(async () => {
      const row = await this.lockForChange(name);
      expectVersion('cluster', name, row.version, expected);
      const before = declared(row);
      const after = edit(before);
      const labels = validate(labelsSchema, after.labels, 'metadata.labels');
      if (!labels.ok) throw Problem.invalid(labels.errors);
      requireRegion(currentActor(), after.region);
      const changes = differences(before, after);
      if (changes.size === 0) return await this.get(name);
      await this.repository.update(row.id, after);
      await this.record(action, row, before, after);
      if (changes.has('region') || changes.has('labels')) await this.fleet.placementChanged();
      if (changes.has('region') || changes.has('cordoned')) await this.fleet.authorisationChanged();
      if (changes.has('serviceAccount')) await this.fleet.rootChanged(row.id);
      return await this.get(name);
    });
  }

  /** For an agent that lost its key: it may join with another one. A revoked cluster is registered anew by it. */
  async renewJoinToken(name: string): Promise<RegisteredCluster> {
    return await this.database.transaction(async () => {
      const row = await this.lockForChange(name);
      if (row.lifecycle === 'revoked') await this.repository.forgetKey(row.id);
      const join = await this.joinTokens.issue(row.id);
      await this.record('cluster.join-token', row, { lifecycle: row.lifecycle }, { expiresAt: join.expiresAt });
      return { ...(await this.get(name)), join };
    });
  }

  /** Its agent is refused from now on; what runs there stays. Revoking again changes nothing. */
  async revoke(name: string): Promise<Cluster> {
    return await this.database.transaction(async () => {
      const row = await this.lockForChange(name);
      if (row.lifecycle !== 'revoked') {
        await this.repository.setLifecycle(row.id, 'revoked');
        await this.joinTokens.revoke(row.id);
        await this.record('cluster.revoke', row, { lifecycle: row.lifecycle }, { lifecycle: 'revoked' });
        await this.fleet.authorisationChanged();
        // Held polls are answered, with a refusal.
        await this.notifications.notifyRoots([row.id]);
      }
      return await this.get(name);
    });
  }

  /** Locked, visible to the caller, theirs to change, and not on its way out. */
  private async lockForChange(name: string): Promise<LockedCluster> {
    const row = await this.repository.lock(name);
    if (row === undefined || !seesRegion(currentActor(), row.region)) throw Problem.notFound('cluster', name);
    requireRegion(currentActor(), row.region);
    if (row.lifecycle === 'deregistering') {
      throw Problem.conflict(`cluster ${name} is being deregistered and cannot be changed; wait until it is gone`);
    }
    return row;
  }

  private async record(
    action: string,
    { id, name }: { id: string; name: string },
    before: object | undefined,
    after: object,
  ): Promise<void> {
    await this.audit.record({ action, resourceKind: 'Cluster', resourceId: id, resourceName: name, before, after });
  }
}

function declared(row: LockedCluster): ClusterDeclaration {
  return { region: row.region, labels: row.labels, serviceAccount: row.service_account, cordoned: row.cordoned };
}

function differences(before: ClusterDeclaration, after: ClusterDeclaration): Set<keyof ClusterDeclaration> {
  const found = new Set<keyof ClusterDeclaration>();
  for (const key of ['region', 'serviceAccount', 'cordoned'] as const) if (before[key] !== after[key]) found.add(key);
  const text = (labels: Record<string, string>) => JSON.stringify(Object.entries(labels).sort());
  if (text(before.labels) !== text(after.labels)) found.add('labels');
  return found;
}
