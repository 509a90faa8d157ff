import { Injectable } from '@nestjs/common';
import { ClusterRemoval } from '#src/hub/clusters/cluster-removal.service';
import { Notifications } from '#src/hub/stages/notifications';
import { ConsequencesRepository, type TargetId } from './consequences.repository';

/** What follows from evidence, in the transaction that took it in. */
@Injectable()
export class Consequences {
  constructor(
    private readonly repository: ConsequencesRepository,
    private readonly clusters: ClusterRemoval,
    private readonly notifications: Notifications,
  ) {}

  async of(changed: readonly TargetId[]): Promise<void> {
    if (changed.length === 0) return;
    const removed = await this.repository.dropRemoved(changed);
    if (removed.length > 0) {
      await this.repository.markRootsDirty(removed.map(({ cluster }) => cluster));
      await this.repository.finishApplications(removed.map(({ application }) => application));
      const emptied = await this.repository.emptiedClusters(removed.map(({ cluster }) => cluster));
      for (const cluster of emptied) await this.clusters.finishDeregistration(cluster);
      await this.notifications.notify('flotilla_stage', 'roots');
    }
    // A rollout whose last target has become good is completed by the next decision.
    if ((await this.repository.wakeCompletedRollouts(changed)) > 0) {
      await this.notifications.notify('flotilla_stage', 'authorise');
    }
  }
}
