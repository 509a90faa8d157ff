import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { declarationOf } from '#libs/resources/cluster';
import type { Actor } from '#src/hub/access/actor';
import { requireRegion, seesRegion } from '#src/hub/access/scope';
import { Audit } from '#src/hub/audit/audit';
import { Database } from '#src/hub/database/database';
import { currentActor } from '#src/hub/http/context';
import { Problem } from '#src/hub/http/problem';
import { type BatchRow, ClusterBatchesRepository } from './cluster-batches.repository';
import type { RegisterBatch, RegisteredBatch } from './cluster-batches.schema';
import type { ClusterJoin } from './clusters.schema';
import { FleetChangesRepository } from './fleet-changes.repository';
import { JoinTokens } from './join-tokens.service';

/** Many clusters in one transaction: what follows from one that comes or goes follows once for all of them. */
@Injectable()
export class ClusterBatches {
  constructor(
    private readonly database: Database,
    private readonly repository: ClusterBatchesRepository,
    private readonly fleet: FleetChangesRepository,
    private readonly joinTokens: JoinTokens,
    private readonly audit: Audit,
  ) {}

  /** Those that are there already stay as they are, so repeating is safe. */
  async register({ clusters }: RegisterBatch): Promise<RegisteredBatch> {
    const actor = currentActor();
    const wanted = clusters.map((document) => {
      const declaration = declarationOf(document);
      requireRegion(actor, declaration.region);
      return { id: uuidv7(), name: document.metadata.name, declaration };
    });
    return await this.database.transaction(async () => {
      const inserted = await this.repository.insert(wanted);
      const rows = await this.repository.named(wanted.map(({ name }) => name));
      refuseForeign(actor, rows);
      const joins = await this.joinTokens.issueAll([...inserted]);
      const registered = wanted.filter(({ id }) => inserted.has(id));
      await this.audit.recordAll(
        registered.map(({ id, name, declaration }) => ({
          ...entry('cluster.register', { id, name }),
          after: declaration,
        })),
      );
      if (registered.length > 0) await this.fleet.placementChanged();
      return { items: rows.map((row) => itemOf(row, joins)) };
    });
  }

  /** New join tokens for agents that lost their keys. All of the clusters, or none. */
  async renewJoinTokens(names: readonly string[]): Promise<RegisteredBatch> {
    const actor = currentActor();
    return await this.database.transaction(async () => {
      const rows = await this.repository.lock(names);
      const found = new Set(rows.filter(({ region }) => seesRegion(actor, region)).map(({ name }) => name));
      const missing = names.find((name) => !found.has(name));
      if (missing !== undefined) throw Problem.notFound('cluster', missing);
      for (const { region } of rows) requireRegion(actor, region);
      const leaving = rows.find(({ lifecycle }) => lifecycle === 'deregistering' || lifecycle === 'revoked');
      if (leaving !== undefined) {
        throw Problem.conflict(
          `cluster ${leaving.name} is ${leaving.lifecycle}: leave it out` +
            (leaving.lifecycle === 'revoked' ? `, or \`flotilla cluster join-token ${leaving.name}\`` : ''),
        );
      }
      const joins = await this.joinTokens.issueAll(rows.map(({ id }) => id));
      await this.audit.recordAll(
        rows.map((row) => ({
          ...entry('cluster.join-token', row),
          before: { lifecycle: row.lifecycle },
          after: { expiresAt: joins.get(row.id)?.expiresAt },
        })),
      );
      return { items: rows.map((row) => itemOf(row, joins)) };
    });
  }
}

function refuseForeign(actor: Actor, rows: readonly BatchRow[]): void {
  const foreign = rows.find(({ region }) => !seesRegion(actor, region));
  if (foreign === undefined) return;
  throw Problem.conflict(`the name ${foreign.name} is taken, in a region that this token may not see; choose another`);
}

function entry(action: string, { id, name }: Pick<BatchRow, 'id' | 'name'>) {
  return { action, resourceKind: 'Cluster', resourceId: id, resourceName: name };
}

function itemOf({ id, name, lifecycle, agent_key_id }: BatchRow, joins: ReadonlyMap<string, ClusterJoin>) {
  return { id, name, lifecycle, agentKeyId: agent_key_id ?? undefined, join: joins.get(id) };
}
