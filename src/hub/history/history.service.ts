import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { currentActor } from '#src/hub/http/context';
import { decodeCursor, type Page, pageOf } from '#src/hub/http/pages';
import { Problem } from '#src/hub/http/problem';
import { type ChangeRow, HistoryRepository } from './history.repository';
import type { TargetChange, TargetHistoryQuery } from './history.schema';

/** What was told of a target over time, written where it changed. */
@Injectable()
export class History {
  constructor(private readonly repository: HistoryRepository) {}

  async of(application: string, cluster: string, { limit, cursor }: TargetHistoryQuery): Promise<Page<TargetChange>> {
    const target = await this.repository.target({ application, cluster }, currentActor().scope);
    if (target === undefined) throw Problem.notFound(`application ${application} on cluster`, cluster);
    const below = decodeCursor(cursor, z.tuple([z.number().int()]))?.[0];
    return pageOf(await this.repository.list(target, below, limit + 1), limit, (row) => [row.id], changeOf);
  }
}

function changeOf(row: ChangeRow): TargetChange {
  return {
    at: row.at.toISOString(),
    observedAt: row.observed_at.toISOString(),
    ...(row.release === null ? {} : { release: row.release }),
    ...(row.bundle === null ? {} : { bundle: row.bundle }),
    epoch: row.epoch,
    generation: row.generation,
    phase: row.phase,
    health: row.health,
    message: row.health_message,
    drifted: row.drifted,
  };
}
