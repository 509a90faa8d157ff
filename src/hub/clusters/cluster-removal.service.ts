import { Injectable } from '@nestjs/common';
import { requireRegion, seesRegion } from '#src/hub/access/scope';
import { Audit } from '#src/hub/audit/audit';
import { Database } from '#src/hub/database/database';
import { currentActor } from '#src/hub/http/context';
import { Problem } from '#src/hub/http/problem';
import { ClustersRepository } from './clusters.repository';
import type { LockedCluster } from './clusters.rows';
import type { Deregistration } from './clusters.schema';
import { FleetChangesRepository } from './fleet-changes.repository';

/** How a cluster leaves the fleet. */
@Injectable()
export class ClusterRemoval {
  constructor(
    private readonly database: Database,
    private readonly repository: ClustersRepository,
    private readonly fleet: FleetChangesRepository,
    private readonly audit: Audit,
  ) {}

  /**
   * `leave`: the row goes at once, and the agent hears that its cluster is gone. `remove`: its agent deletes what Flotilla
   * applied, and `finishDeregistration` follows; where no agent ever joined there is nothing to delete. While a removal
   * is under way, `leave` ends it.
   */
  async deregister(name: string, workloads: 'leave' | 'remove'): Promise<Deregistration> {
    return await this.database.transaction(async () => {
      await this.fleet.clusterLeaves();
      const row = await this.repository.lock(name);
      if (row === undefined || !seesRegion(currentActor(), row.region)) throw Problem.notFound('cluster', name);
      requireRegion(currentActor(), row.region);
      if (workloads === 'leave' || row.joined_at === null) return await this.leave(row, workloads);
      if (row.lifecycle === 'revoked') {
        throw Problem.conflict(
          `the agent of ${name} is revoked and cannot remove anything: deregister it with workloads=leave`,
        );
      }
      if (row.lifecycle !== 'deregistering') {
        await this.repository.setLifecycle(row.id, 'deregistering');
        const targets = await this.fleet.removeTargets(row.id, this.audit.actor());
        await this.record('cluster.deregister', row, { workloads, targets, lifecycle: 'deregistering' });
        // Nothing ran there: its stage would never see a report of the last removal.
        if (targets === 0) return await this.leave(row, workloads);
      }
      return { name, workloads, state: 'deregistering' };
    });
  }

  /** Leaves what runs on them. Names that nobody has, or that the caller does not see, are passed over. */
  async deregisterAll(names: readonly string[]): Promise<Deregistration[]> {
    return await this.database.transaction(async () => {
      await this.fleet.clusterLeaves();
      const left: Deregistration[] = [];
      for (const name of [...names].sort()) {
        const row = await this.repository.lock(name);
        if (row === undefined || !seesRegion(currentActor(), row.region)) continue;
        requireRegion(currentActor(), row.region);
        left.push(await this.leave(row, 'leave'));
      }
      return left;
    });
  }

  /** Everything was removed from a cluster that is `deregistering`. Nothing happens with any other, or twice. */
  async finishDeregistration(clusterId: string): Promise<void> {
    await this.database.transaction(async () => {
      await this.fleet.clusterLeaves();
      const row = await this.repository.lockById(clusterId);
      if (row?.lifecycle === 'deregistering') await this.leave(row, 'remove');
    });
  }

  private async leave(row: LockedCluster, workloads: 'leave' | 'remove'): Promise<Deregistration> {
    await this.repository.delete(row.id);
    await this.record('cluster.deregistered', row, { workloads });
    return { name: row.name, workloads, state: 'deregistered' };
  }

  private async record(action: string, row: LockedCluster, after: object): Promise<void> {
    const { id, name, region, labels, lifecycle } = row;
    await this.audit.record({
      action,
      resourceKind: 'Cluster',
      resourceId: id,
      resourceName: name,
      before: { region, labels, lifecycle },
      after,
    });
  }
}
