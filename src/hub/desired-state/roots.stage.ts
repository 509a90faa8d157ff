import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import type { Digest } from '#libs/protocol/digest';
import { Database } from '#src/hub/database/database';
import { Nodes } from '#src/hub/nodes/nodes.service';
import { crashPoint } from '#src/hub/stages/crash-point';
import { FlowMetrics } from '#src/hub/stages/flow-metrics';
import { Notifications } from '#src/hub/stages/notifications';
import { type Stage, StageRunner } from '#src/hub/stages/stage-runner';
import { buildRoots } from './build-roots';
import { RootsRepository } from './roots.repository';

const clustersPerPass = 2_500;

/** Builds one root for each dirty cluster, however many applications changed there. */
@Injectable()
export class RootsStage implements Stage, OnModuleInit, OnApplicationBootstrap {
  readonly name = 'roots';
  private readonly logger = new Logger(RootsStage.name);

  constructor(
    private readonly database: Database,
    private readonly repository: RootsRepository,
    private readonly nodes: Nodes,
    private readonly notifications: Notifications,
    private readonly runner: StageRunner,
    private readonly metrics: FlowMetrics,
  ) {}

  onModuleInit(): void {
    this.runner.register(this);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.repository.markOlderEpochs(await this.repository.epoch());
  }

  async runOnce(): Promise<number> {
    const count = await this.database.transaction(async () => {
      const clusters = await this.repository.lockDirty(clustersPerPass);
      if (clusters.length === 0) return 0;
      const assignments = await this.repository.assignments(clusters.map((cluster) => cluster.cluster_id));
      const bundles = new Set<Digest>();
      for (const { bundle, carried_bundle } of assignments) {
        if (bundle !== null) bundles.add(bundle);
        if (carried_bundle !== null) bundles.add(carried_bundle);
      }
      const epoch = await this.repository.epoch();
      const built = buildRoots(epoch, clusters, assignments, await this.nodes.objectKeys([...bundles]));
      await this.nodes.store(built.scopes);
      await this.repository.storeRoots(epoch, built.roots);
      await this.repository.storeCarried(built.carried);
      const changed = built.roots.filter((root) => root.changed).map((root) => root.cluster);
      await this.notifications.notifyRoots(changed);
      this.database.afterCommit(() => this.metrics.roots.inc(changed.length));
      if (changed.length > 0) this.logger.log({ msg: 'built roots', clusters: changed.length });
      return clusters.length;
    });
    if (count > 0) crashPoint('root.built');
    return count;
  }
}
