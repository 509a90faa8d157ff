import { Inject, Injectable } from '@nestjs/common';
import type { TargetState } from '#libs/fleet/describe-target';
import { HUB_CONFIG } from '#src/hub/config/config.module';
import type { HubConfig } from '#src/hub/config/schema';
import { Database } from '#src/hub/database/database';
import { freshEvidence, targetState, targetTables } from '#src/hub/database/fragments';
import { targetFactsColumns } from '#src/hub/rollouts/target-facts';
import type { TargetRow } from './targets.rows';

export interface TargetFilter {
  /** Names; undefined: no condition. */
  application?: string;
  applications?: readonly string[];
  cluster?: string;
  clusters?: readonly string[];
  region?: string;
  regions?: readonly string[];
  state?: TargetState;
  removal?: 'pending';
}

export interface TargetPage {
  /** Names of application and cluster. */
  after?: readonly [string, string];
  limit: number;
}

@Injectable()
export class TargetsRepository {
  private readonly select: string;
  private readonly state: string;

  constructor(
    private readonly database: Database,
    @Inject(HUB_CONFIG) config: HubConfig,
  ) {
    this.state = targetState(config.agents.unknownAfterSeconds);
    // The release of what was told is looked up only where it is not the assigned one.
    this.select = `
      SELECT a.name AS application, c.name AS cluster, c.region, ${this.state} AS state, t.reason, t.removal_since,
             t.removal_confirmed_by, s.release AS assigned_release, s.authorised_at, s.refused, s.trace_id,
             hb.received_at AS heard_at, ${freshEvidence('s', 'st')} AS evident,
             encode(st.bundle, 'hex') AS told_bundle,
             CASE WHEN st.bundle = s.bundle THEN s.release
                  ELSE (SELECT max(v.release) FROM variants v
                         WHERE v.application_id = t.application_id AND v.bundle = st.bundle) END AS told_release,
             st.phase, st.health, st.health_message, st.drifted, st.corrected, st.objects_total, st.objects_applied,
             st.objects_failed, st.details, st.observed_at, st.received_at, ${targetFactsColumns}
        FROM ${targetTables}`;
  }

  /** By the names of application and cluster. */
  async list(filter: TargetFilter, page: TargetPage): Promise<TargetRow[]> {
    const parameters: unknown[] = [];
    const parameter = (value: unknown): string => `$${parameters.push(value)}`;
    const equal = (column: string, value: unknown): string[] =>
      value === undefined ? [] : [`${column} = ${parameter(value)}`];
    const among = (column: string, values: readonly string[] | undefined): string[] =>
      values === undefined ? [] : [`${column} = ANY (${parameter(values)}::text[])`];
    const conditions = [
      ...equal('a.name', filter.application),
      ...among('a.name', filter.applications),
      ...equal('c.name', filter.cluster),
      ...among('c.name', filter.clusters),
      ...equal('c.region', filter.region),
      ...among('c.region', filter.regions),
      ...equal('t.removal', filter.removal),
      ...equal(this.state, filter.state),
      ...(page.after === undefined
        ? []
        : [`(a.name, c.name) > (${parameter(page.after[0])}, ${parameter(page.after[1])})`]),
    ];
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    return await this.database.query<TargetRow>(
      `${this.select} ${where} ORDER BY a.name, c.name LIMIT ${parameter(page.limit)}`,
      parameters,
    );
  }
}
