import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { place } from '#libs/placement/place';
import type { ApplicationSpec } from '#libs/resources/application';
import type { Target, TargetDetail } from '#src/hub/fleet-status/targets.schema';
import { type ApplicationTargetQuery } from '#src/hub/fleet-status/targets.schema';
import { Targets } from '#src/hub/fleet-status/targets.service';
import { currentActor } from '#src/hub/http/context';
import { decodeCursor, type Page, pageOf } from '#src/hub/http/pages';
import { Problem } from '#src/hub/http/problem';
import { Applications } from './applications.service';
import { type ExplainedCluster, type ReleaseRow, ViewsRepository } from './views.repository';
import type { ExplainQuery, Explanation, Release } from './views.schema';
import type { PlainQuery } from './removals.schema';

/** What can be asked of an application beside what it is. */
@Injectable()
export class ApplicationViews {
  constructor(
    private readonly applications: Applications,
    private readonly repository: ViewsRepository,
    private readonly targets: Targets,
  ) {}

  /** Every cluster that the caller sees: why it is a target or not, and what keeps it back. */
  async explain(name: string, { limit, cursor, ...filter }: ExplainQuery): Promise<Page<Explanation>> {
    const { spec, deleting } = await this.applications.visible(name);
    const after = decodeCursor(cursor, z.tuple([z.string().max(63)]))?.[0];
    const { regions } = currentActor().scope;
    const rows = await this.repository.clusters({ ...filter, regions }, after, limit + 1);
    const targets = await this.targets.byCluster(
      name,
      rows.map((row) => row.name),
    );
    return pageOf(
      rows,
      limit,
      (row) => [row.name],
      (row) => explanationOf(spec, deleting, row, targets.get(row.name)),
    );
  }

  async list(name: string, query: ApplicationTargetQuery): Promise<Page<Target>> {
    await this.applications.visible(name);
    return await this.targets.page({ ...query, application: name });
  }

  async target(name: string, cluster: string): Promise<TargetDetail> {
    await this.applications.visible(name);
    const detail = await this.targets.detail(name, cluster);
    if (detail === undefined) throw Problem.notFound(`target of application ${name} on cluster`, cluster);
    return detail;
  }

  async releases(name: string, { limit, cursor }: PlainQuery): Promise<Page<Release>> {
    const { id } = await this.applications.visible(name);
    const below = decodeCursor(cursor, z.tuple([z.number().int()]))?.[0];
    return pageOf(await this.repository.releases(id, below, limit + 1), limit, (row) => [row.number], releaseOf);
  }
}

function explanationOf(
  spec: ApplicationSpec,
  deleting: boolean,
  cluster: ExplainedCluster,
  target: Target | undefined,
): Explanation {
  const { name, region } = cluster;
  return {
    cluster: name,
    region,
    ...verdictOn(spec, deleting, cluster),
    blockers: target?.blockers ?? [],
    ...(target === undefined ? {} : { target }),
  };
}

function verdictOn(spec: ApplicationSpec, deleting: boolean, cluster: ExplainedCluster) {
  if (deleting) return { placed: false, reason: 'the application is being deleted' };
  if (cluster.lifecycle === 'revoked') return { placed: false, reason: 'the agent of the cluster is revoked' };
  if (cluster.lifecycle === 'deregistering') return { placed: false, reason: 'the cluster is leaving the fleet' };
  return place(spec.placement, cluster);
}

function releaseOf(row: ReleaseRow): Release {
  return {
    number: row.number,
    commit: row.commit_id,
    revision: row.revision_name,
    subject: row.commit_subject,
    createdAt: row.created_at.toISOString(),
    traceId: row.trace_id,
    variants: row.variants,
    ...(row.rollout_state === null || row.started_at === null
      ? {}
      : {
          rollout: {
            state: row.rollout_state,
            startedAt: row.started_at.toISOString(),
            endedAt: row.ended_at?.toISOString(),
          },
        }),
  };
}
