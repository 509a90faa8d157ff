import { type Draft } from '../reports/draft';

/** Where drafts wait while no way to the hub is open. Losing it costs history, never state: a session opens with a snapshot. */
export interface Spool {
  /** What a former run left, oldest first. */
  load(): Promise<Draft[]>;
  save(draft: Draft): Promise<void>;
  remove(draft: Draft): Promise<void>;
}

export interface SpoolLimits {
  maxDrafts: number;
  maxBytes: number;
}

export const defaultSpoolLimits: SpoolLimits = { maxDrafts: 1_000, maxBytes: 16 * 1_024 * 1_024 };

/** For agents without a folder: what is not sent ends with the process. */
export const memorySpool: Spool = {
  load: async () => [],
  save: async () => undefined,
  remove: async () => undefined,
};
