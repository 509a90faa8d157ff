import { Injectable } from '@nestjs/common';
import { ClusterRemoval } from '#src/hub/clusters/cluster-removal.service';
import { Notifications } from '#src/hub/stages/notifications';
import { ConsequencesRepository, type TargetId } from './consequences.repository';

/** What follows from evidence of removals, in the transaction that takes it in. */
@Injectable()
export class Consequences {
  constructor(
    private readonly repository: ConsequencesRepository,
    private readonly clusters: ClusterRemoval,
    private readonly notifications: Notifications,
  ) {}

  /** Before anything that was told is written: locks are taken in one order everywhere. */
  async lock(told: readonly TargetId[]): Promise<TargetId[]> {
    return told.length === 0 ? [] : await this.repository.lockRemovals(told);
  }

  /** @param removals what `lock` gave */
  async of(removals: readonly TargetId[]): Promise<void> {
    if (removals.length === 0) return;
    const removed = await this.repository.dropRemoved(removals);
    if (removed.length === 0) return;
    await this.repository.markRootsDirty(removed.map(({ cluster }) => cluster));
    await this.repository.finishApplications(removed.map(({ application }) => application));
    const emptied = await this.repository.emptiedClusters(removed.map(({ cluster }) => cluster));
    for (const cluster of emptied) await this.clusters.finishDeregistration(cluster);
    await this.notifications.notify('flotilla_stage', 'roots');
    // It passes over applications that are locked, as these were.
    await this.notifications.notify('flotilla_stage', 'authorise');
  }
}
