import { Injectable } from '@nestjs/common';
import { Holds } from '#src/hub/holds/holds.service';
import { type StatusScope, StatusRepository } from './status.repository';
import type { FleetStatus } from './status.schema';

@Injectable()
export class FleetStatusService {
  constructor(
    private readonly repository: StatusRepository,
    private readonly holds: Holds,
  ) {}

  async now(scope: StatusScope): Promise<FleetStatus> {
    const { as_of, blind_since, clusters, targets, sources, applications } = await this.repository.counts(scope);
    const holds = await this.holds.inForce();
    return {
      clusters,
      targets,
      sources,
      applications,
      holds,
      blindSince: blind_since?.toISOString(),
      asOf: as_of.toISOString(),
    };
  }
}
