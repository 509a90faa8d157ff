import { Injectable } from '@nestjs/common';
import { Ahead } from '#src/hub/desired-state/ahead';
import { Holds } from '#src/hub/holds/holds.service';
import { type StatusScope, StatusRepository } from './status.repository';
import type { FleetStatus } from './status.schema';

@Injectable()
export class FleetStatusService {
  constructor(
    private readonly repository: StatusRepository,
    private readonly holds: Holds,
    private readonly ahead: Ahead,
  ) {}

  async now(scope: StatusScope): Promise<FleetStatus> {
    const { as_of, blind_since, clusters, targets, sources, applications } = await this.repository.counts(scope);
    const holds = await this.holds.inForce();
    const agentsAhead = await this.ahead.count();
    return {
      clusters,
      targets,
      sources,
      applications,
      holds,
      ...(agentsAhead > 0 ? { agentsAhead } : {}),
      blindSince: blind_since?.toISOString(),
      asOf: as_of.toISOString(),
    };
  }
}
