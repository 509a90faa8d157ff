import type { components } from './generated/api';

/** What the API answers, under the names that the commands use. */
type Schemas = components['schemas'];
export type Cluster = Schemas['Cluster'];
export type ClusterDocument = Schemas['ClusterDocument'];
export type RegisteredCluster = Schemas['RegisteredCluster'];
export type Token = Schemas['Token'];
export type AuditEvent = Schemas['AuditEvent'];

export interface Metadata {
  name: string;
  labels?: Record<string, string>;
  version?: number;
  createdAt: string;
  updatedAt?: string;
}

interface Declared {
  apiVersion?: 'flotilla.dev/v1';
  metadata: { name: string; labels?: Record<string, string> };
  spec: Record<string, unknown>;
}
export type SourceDocument = Declared & { kind?: 'Source' };
export type ApplicationDocument = Declared & { kind?: 'Application' };

export interface Source {
  apiVersion: string;
  kind: 'Source';
  metadata: Metadata;
  spec: { url: string; revision: Record<string, string>; pollSeconds: number; caCertificate?: string };
  status: {
    state: string;
    message?: string;
    commit?: string;
    revision?: string;
    subject?: string;
    committedAt?: string;
    fetchedAt?: string;
    failingSince?: string;
    rewrittenAt?: string;
    nextPollAt?: string;
  };
}

export const targetStates = ['unknown', 'failed', 'drifted', 'progressing', 'inSync'] as const;
export type TargetState = (typeof targetStates)[number];
export type TargetCounts = { total: number } & Record<TargetState, number>;

export interface Release {
  number: number;
  commit: string;
  revision?: string;
  subject?: string;
  createdAt: string;
  traceId?: string;
}

export interface Application {
  apiVersion: string;
  kind: 'Application';
  metadata: Metadata;
  spec: { source: string; path: string; placement: Record<string, unknown> } & Record<string, unknown>;
  status: {
    state: string;
    message?: string;
    failingSince?: string;
    release?: Release;
    targets: TargetCounts;
    pendingRemovals: number;
    pendingDeletions: number;
    heldBy?: string;
    refused?: number;
  };
}

export interface Target {
  application: string;
  cluster: string;
  region: string;
  state: TargetState;
  message?: string;
}

export interface TargetDetail extends Target {
  errors?: { object: string; message: string }[];
}

export interface Explanation {
  cluster: string;
  region: string;
  placed: boolean;
  reason: string;
  target?: { state: TargetState; message?: string };
}

export interface ApplicationRemoval {
  name: string;
  state: string;
}

export interface FieldChange {
  path: string;
  before?: unknown;
  after?: unknown;
}
export interface ObjectChange {
  object: string;
  change: 'added' | 'removed' | 'changed';
  fields?: FieldChange[];
}
export interface Difference {
  items: { clusters: string[]; objects: ObjectChange[] }[];
}

export interface Deletions {
  items: { objects: string[]; clusters: string[] }[];
}

export interface HoldScope {
  scope: 'fleet' | 'region' | 'cluster' | 'application';
  name?: string;
}
export interface Hold extends HoldScope {
  reason: string;
  heldBy: string;
  heldAt: string;
}

export interface Status {
  clusters: { total: number; online: number; pending: number; unknown: number };
  targets: TargetCounts;
  sources?: { total: number; failing: number };
  holds?: Hold[];
  blindSince?: string;
  asOf: string;
}
