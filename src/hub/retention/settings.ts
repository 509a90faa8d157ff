import type { HubConfig } from '#src/hub/config/schema';

/** How long things are kept, in seconds where it is a time. */
export interface RetentionSettings {
  releasesKept: number;
  releaseSeconds: number;
  /** What no root, assignment or kept release refers to any more. */
  nodeSeconds: number;
  /** By whole days. */
  historySeconds: number;
  goneTargetSeconds: number;
  deadLetterSeconds: number;
  joinTokenSeconds: number;
  apiTokenSeconds: number;
  holdSeconds: number;
  formerAgentKeySeconds: number;
  auditSeconds: number;
  idempotencyKeySeconds: number;
}

const hourSeconds = 3_600;
const daySeconds = 24 * hourSeconds;

export function retentionSettings(config: HubConfig['retention']): RetentionSettings {
  return {
    releasesKept: config.releasesKept,
    releaseSeconds: config.releaseDays * daySeconds,
    nodeSeconds: config.nodeDays * daySeconds,
    historySeconds: config.historyDays * daySeconds,
    goneTargetSeconds: config.goneTargetDays * daySeconds,
    deadLetterSeconds: config.deadLetterDays * daySeconds,
    joinTokenSeconds: config.joinTokenDays * daySeconds,
    apiTokenSeconds: config.apiTokenDays * daySeconds,
    holdSeconds: config.holdDays * daySeconds,
    formerAgentKeySeconds: config.formerAgentKeyDays * daySeconds,
    auditSeconds: config.auditDays * daySeconds,
    idempotencyKeySeconds: config.idempotencyKeyHours * hourSeconds,
  };
}
