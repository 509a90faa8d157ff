import type { FleetCounts } from './counts';
import type { FleetSettings } from './options';
import type { PartRange } from './part';

/** Between the process that a fleet was started in and those that run parts of it. */
export type ToPart =
  | { kind: 'start'; settings: FleetSettings; range: PartRange }
  | { kind: 'counts'; request: number }
  | { kind: 'holding'; request: number; generation: number }
  | { kind: 'stop' };

export type FromPart =
  | { kind: 'ready' }
  | { kind: 'started' }
  /** It ends. */
  | { kind: 'failed'; message: string }
  | { kind: 'counts'; request: number; counts: FleetCounts }
  | { kind: 'holding'; request: number; count: number };
