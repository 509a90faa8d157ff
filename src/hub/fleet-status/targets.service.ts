import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { currentActor } from '#src/hub/http/context';
import { decodeCursor, type Page, pageOf } from '#src/hub/http/pages';
import { type TargetFilter, TargetsRepository } from './targets.repository';
import type { TargetRow } from './targets.rows';
import { type Target, type TargetDetail, targetDetailOf, targetOf } from './targets.schema';

const cursorKey = z.tuple([z.string().max(63), z.string().max(63)]);

/** Targets as they are now, as far as the caller's token sees them. */
@Injectable()
export class Targets {
  constructor(private readonly repository: TargetsRepository) {}

  async page({ limit, cursor, ...filter }: TargetFilter & { limit: number; cursor?: string }): Promise<Page<Target>> {
    const rows = await this.rows(filter, { after: decodeCursor(cursor, cursorKey), limit: limit + 1 });
    return pageOf(rows, limit, (row) => [row.application, row.cluster], targetOf);
  }

  async detail(application: string, cluster: string): Promise<TargetDetail | undefined> {
    const row = (await this.rows({ application, cluster }, { limit: 1 }))[0];
    return row && targetDetailOf(row);
  }

  /** Cluster name → the application's target there. */
  async byCluster(application: string, clusters: readonly string[]): Promise<Map<string, Target>> {
    const rows = await this.rows({ application, clusters }, { limit: clusters.length });
    return new Map(rows.map((row) => [row.cluster, targetOf(row)]));
  }

  private async rows(
    filter: TargetFilter,
    page: { after?: readonly [string, string]; limit: number },
  ): Promise<TargetRow[]> {
    const { applications, regions } = currentActor().scope;
    return await this.repository.list({ ...filter, applications, regions }, page);
  }
}
