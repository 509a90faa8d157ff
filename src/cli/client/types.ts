import type { components } from './generated/api';

/** What the API takes and answers, under the names that the commands use. */
type Schemas = components['schemas'];
export type Application = Schemas['Application'];
export type AuditEvent = Schemas['AuditEvent'];
export type Cluster = Schemas['Cluster'];
export type Difference = Schemas['ApplicationDiff'];
export type DiffGroup = Schemas['DiffGroup'];
export type Explanation = Schemas['PlacementExplanation'];
export type FieldChange = Schemas['FieldChange'];
export type Hold = Schemas['Hold'];
export type HoldScope = Schemas['Resumption'];
export type ObjectChange = Schemas['ObjectChange'];
export type RegisteredCluster = Schemas['RegisteredCluster'];
export type Release = Schemas['Release'];
export type Source = Schemas['Source'];
export type SourceDocument = Schemas['SourceDocument'];
export type Status = Schemas['FleetStatus'];
export type Target = Schemas['Target'];
export type TargetCounts = Schemas['TargetCounts'];
export type TargetDetail = Schemas['TargetDetail'];
export type TargetChange = Schemas['TargetChange'];
export type TargetState = Target['state'];
export type Token = Schemas['Token'];
export type WaitingDeletions = Schemas['WaitingDeletions'];

export const targetStates = [
  'unknown',
  'failed',
  'drifted',
  'progressing',
  'inSync',
] as const satisfies readonly TargetState[];
