import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Audit } from '#src/hub/audit/audit';
import { Database } from '#src/hub/database/database';
import { Targets } from '#src/hub/fleet-status/targets.service';
import type { Target } from '#src/hub/fleet-status/targets.schema';
import { currentActor } from '#src/hub/http/context';
import { decodeCursor, type Page, pageOf } from '#src/hub/http/pages';
import { type FieldError, Problem } from '#src/hub/http/problem';
import { ApprovedDeletions } from '#src/hub/rollouts/approved-deletions.service';
import { Notifications } from '#src/hub/stages/notifications';
import type { ApplicationDeletion } from './applications.schema';
import { Applications } from './applications.service';
import { RemovalsRepository } from './removals.repository';
import type {
  ApproveDeletions,
  ApprovedDeletionsAnswer,
  ConfirmedRemovals,
  ConfirmRemovals,
  PlainQuery,
  WaitingDeletions,
} from './removals.schema';

const modeOf = { leave: 'orphan', remove: 'delete' } as const;

/** What leaves clusters: always named by a person, never inferred. */
@Injectable()
export class Removals {
  constructor(
    private readonly database: Database,
    private readonly applications: Applications,
    private readonly repository: RemovalsRepository,
    private readonly targets: Targets,
    private readonly approvals: ApprovedDeletions,
    private readonly notifications: Notifications,
    private readonly audit: Audit,
  ) {}

  /** While a deletion is under way it may be repeated with another choice for the workloads. */
  async deleteApplication(name: string, workloads: 'leave' | 'remove'): Promise<ApplicationDeletion> {
    return await this.database.transaction(async () => {
      const row = await this.applications.lockForChange(name);
      const clusters = (await this.repository.targets(row.id)).map(({ cluster }) => cluster);
      await this.repository.confirm(row.id, clusters, {
        mode: modeOf[workloads],
        by: this.audit.actor(),
        reason: 'the application is being deleted',
      });
      const left = await this.repository.dropUnreachable(row.id, clusters);
      await this.applications.record('application.delete', row, row.spec, { workloads, targets: left });
      await this.notifications.notify('flotilla_stage', 'roots');
      if (left === 0) {
        await this.repository.deleteApplication(row.id);
        return { name, workloads, state: 'deleted', targets: 0 };
      }
      await this.repository.markDeleting(row.id);
      await this.authoriseSoon(row.id);
      return { name, workloads, state: 'deleting', targets: left };
    });
  }

  async pending(name: string, { limit, cursor }: PlainQuery): Promise<Page<Target>> {
    await this.applications.visible(name);
    return await this.targets.page({ application: name, removal: 'pending', limit, cursor });
  }

  async confirm(name: string, { clusters, workloads }: ConfirmRemovals): Promise<ConfirmedRemovals> {
    return await this.database.transaction(async () => {
      const row = await this.applications.lockForChange(name);
      const targets = new Map((await this.repository.targets(row.id, clusters)).map((each) => [each.name, each]));
      const errors = clusters.flatMap((cluster, index): FieldError[] => {
        const target = targets.get(cluster);
        if (target !== undefined && !target.placed) return [];
        const why = target === undefined ? 'is no target of this application' : 'is a target, and waits for no removal';
        return [{ field: `clusters[${index}]`, message: `${cluster} ${why}` }];
      });
      if (errors.length > 0) throw Problem.invalid(errors);
      const ids = [...targets.values()].map(({ cluster }) => cluster);
      await this.repository.confirm(row.id, ids, { mode: modeOf[workloads], by: this.audit.actor() });
      await this.repository.dropUnreachable(row.id, ids);
      await this.authoriseSoon(row.id);
      await this.notifications.notify('flotilla_stage', 'roots');
      await this.applications.record('application.confirm-removal', row, undefined, { clusters, workloads });
      return { application: name, workloads, clusters };
    });
  }

  async waitingDeletions(name: string, { limit, cursor }: PlainQuery): Promise<Page<WaitingDeletions>> {
    const { id } = await this.applications.visible(name);
    const after = decodeCursor(cursor, z.tuple([z.string().max(32)]))?.[0];
    const rows = await this.repository.waiting(id, currentActor().scope.regions, after, limit + 1);
    return pageOf(
      rows,
      limit,
      (row) => [row.key],
      ({ objects, clusters }) => ({ objects, clusters }),
    );
  }

  /** Of each cluster those objects that wait there; an object that waits on none, or a cluster without any, is refused. */
  async approve(name: string, { clusters, objects }: ApproveDeletions): Promise<ApprovedDeletionsAnswer> {
    return await this.database.transaction(async () => {
      const row = await this.applications.lockForChange(name);
      const pending = new Map((await this.repository.pendingOn(row.id, clusters)).map((each) => [each.name, each]));
      const wanted = new Set(objects);
      const approvals = clusters.flatMap((cluster) => {
        const found = pending.get(cluster);
        if (found === undefined || !found.evident) return [];
        const approved = found.objects.filter((object) => wanted.has(object));
        return approved.length === 0 ? [] : [{ cluster: found.cluster, name: cluster, objects: approved }];
      });
      const told = new Set(approvals.map((approval) => approval.name));
      const waiting = new Set(approvals.flatMap((approval) => approval.objects));
      const errors: FieldError[] = [
        ...clusters.flatMap((cluster, index) =>
          told.has(cluster)
            ? []
            : [
                {
                  field: `clusters[${index}]`,
                  message: `none of these objects waits to be deleted on ${cluster}; list them again`,
                },
              ],
        ),
        ...objects.flatMap((object, index) =>
          waiting.has(object)
            ? []
            : [{ field: `objects[${index}]`, message: `${object} waits to be deleted on none of these clusters` }],
        ),
      ];
      if (errors.length > 0) throw Problem.invalid(errors.slice(0, 50));
      await this.approvals.approve(row.id, approvals);
      await this.applications.record('application.approve-deletions', row, undefined, { clusters, objects });
      return {
        application: name,
        clusters: approvals.map((approval) => ({ cluster: approval.name, objects: approval.objects.length })),
      };
    });
  }

  private async authoriseSoon(applicationId: string): Promise<void> {
    await this.repository.raiseAuthoriseDue(applicationId);
    await this.notifications.notify('flotilla_stage', 'authorise');
  }
}
