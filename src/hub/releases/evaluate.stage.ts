import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { place } from '#libs/placement/place';
import { syncPolicyOf } from '#libs/resources/application';
import { Database } from '#src/hub/database/database';
import { Nodes } from '#src/hub/nodes/nodes.service';
import { Sealing } from '#src/hub/security/sealing';
import { crashPoint } from '#src/hub/stages/crash-point';
import { FlowMetrics } from '#src/hub/stages/flow-metrics';
import { Notifications } from '#src/hub/stages/notifications';
import { type Stage, StageRunner } from '#src/hub/stages/stage-runner';
import { assemble, type Assembly, type PlacedCluster } from './assemble';
import { type DueApplication, EvaluationRepository, type NewRelease } from './evaluation.repository';
import { type Rendering, Renderings } from './rendering.service';

const maxEvaluations = 4;
const maxMessageLength = 4_000;

interface Evaluated {
  assembly: Assembly;
  unplaced: Map<string, string>;
  release: NewRelease | undefined;
  fleetVersion: number;
}

/**
 * From a commit, an edit or a relabelling to what each target should run: places, renders, and writes release, variants
 * and targets in one transaction. What cannot be read or rendered leaves everything as it is, and says so.
 */
@Injectable()
export class EvaluateStage implements Stage, OnModuleInit, BeforeApplicationShutdown {
  readonly name = 'evaluate';
  private readonly logger = new Logger(EvaluateStage.name);
  private readonly underWay = new Map<string, Promise<void>>();
  private stopping = false;

  constructor(
    private readonly database: Database,
    private readonly repository: EvaluationRepository,
    private readonly renderings: Renderings,
    private readonly nodes: Nodes,
    private readonly sealing: Sealing,
    private readonly notifications: Notifications,
    private readonly runner: StageRunner,
    private readonly metrics: FlowMetrics,
  ) {}

  onModuleInit(): void {
    this.runner.register(this);
  }

  /** Starts evaluations and does not wait for them: a repository that hangs must not keep the others from being read. */
  async runOnce(): Promise<number> {
    const free = maxEvaluations - this.underWay.size;
    if (free === 0 || this.stopping) return 0;
    const due = await this.repository.due(free, [...this.underWay.keys()]);
    for (const application of this.stopping ? [] : due) {
      const evaluation = this.evaluate(application)
        .catch((error: unknown) => this.fail(application, error))
        .finally(() => {
          this.underWay.delete(application.id);
          this.runner.wake(this.name);
        });
      this.underWay.set(application.id, evaluation);
    }
    return 0;
  }

  /** While there still is a database. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await Promise.allSettled(this.underWay.values());
  }

  /** A mistake of ours, or the database is away: this application is tried again, and the others go on. */
  private async fail(application: DueApplication, error: unknown): Promise<void> {
    this.logger.error({ msg: 'an evaluation failed', application: application.name, err: error });
    const message =
      'it could not be evaluated for an internal error, which the log of the hub tells; it is tried again';
    await this.repository.putOff(application, message).catch(() => undefined);
  }

  private async evaluate(application: DueApplication): Promise<void> {
    const { commit_id: commit } = application;
    if (application.deleting) return void (await this.finish(application, 'ready', null));
    if (commit === null) {
      return void (await this.finish(application, 'pending', `waits for source ${application.source_name} to be read`));
    }
    const rendering = await this.renderings.of(application, commit);
    crashPoint('release.rendered');
    if (rendering.kind === 'unavailable') {
      await this.repository.putOff(application, rendering.message.slice(0, maxMessageLength));
    } else if (rendering.kind === 'failed') {
      this.logger.warn({
        msg: 'cannot render',
        application: application.name,
        commit,
        traceId: application.source_trace,
      });
      await this.finish(application, 'failing', rendering.message.slice(0, maxMessageLength));
    } else await this.store(application, await this.place(application, commit, rendering));
  }

  private async place(
    application: DueApplication,
    commit: string,
    rendering: Extract<Rendering, { kind: 'rendered' }>,
  ): Promise<Evaluated> {
    const placed: PlacedCluster[] = [];
    const unplaced = new Map<string, string>();
    const fleetVersion = await this.repository.fleetVersion();
    for (const cluster of await this.repository.clusters()) {
      const verdict = place(application.spec.placement, cluster);
      if (verdict.placed) placed.push({ ...cluster, reason: verdict.reason });
      else unplaced.set(cluster.id, verdict.reason);
    }
    const saltOf = (text: string): string => this.sealing.fingerprint('object-salt', text);
    const assembly = assemble(rendering.application, syncPolicyOf(application.spec), placed, saltOf);
    const release: NewRelease | undefined =
      rendering.inputs === application.inputs
        ? undefined
        : {
            number: (application.release ?? 0) + 1,
            commit,
            revisionName: application.revision_name ?? commit,
            subject: application.commit_subject ?? '',
            treeId: rendering.treeId,
            inputs: rendering.inputs,
            traceId: application.source_trace ?? commit,
          };
    return { assembly, unplaced, release, fleetVersion };
  }

  private async store(
    application: DueApplication,
    { assembly, unplaced, release, fleetVersion }: Evaluated,
  ): Promise<void> {
    const number = release?.number ?? application.release!;
    const problems = assembly.targets.filter((target) => target.problem !== null);
    const message =
      problems.length === 0
        ? null
        : `${problems.length} of ${assembly.targets.length} targets cannot be rendered: ${problems[0]!.problem}`;
    const stored = await this.database.transaction(async () => {
      const outcome = {
        state: message === null ? ('ready' as const) : ('failing' as const),
        message,
        release: number,
        fleetVersion,
      };
      if (!(await this.repository.finish(application, outcome))) return false;
      await this.nodes.store(assembly.nodes);
      await this.nodes.storeBundles([...assembly.bundles.values()]);
      if (release !== undefined) await this.repository.insertRelease(application.id, release);
      await this.repository.insertVariants(application.id, number, assembly.variants);
      const changed = await this.repository.upsertTargets(application.id, number, assembly.targets);
      const placed = assembly.targets.map((target) => target.cluster);
      const withdrawn = await this.repository.withdraw(application.id, placed, unplaced);
      if (release !== undefined || changed + withdrawn > 0) {
        await this.repository.markAuthoriseDue(application.id);
        await this.notifications.notify('flotilla_stage', 'authorise');
      }
      return true;
    });
    if (stored && release !== undefined) {
      this.metrics.releases.inc();
      this.logger.log({
        msg: 'new release',
        application: application.name,
        release: number,
        commit: release.commit,
        targets: assembly.targets.length,
        variants: assembly.bundles.size,
        traceId: release.traceId,
      });
    }
    crashPoint('release.stored');
  }

  private async finish(
    application: DueApplication,
    state: 'ready' | 'failing' | 'pending',
    message: string | null,
  ): Promise<void> {
    await this.database.transaction(() => this.repository.finish(application, { state, message, release: null }));
  }
}
