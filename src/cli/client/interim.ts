import type { Application, ApplicationDocument, ApplicationRemoval, Explanation } from './types';
import type { Deletions, Difference, Hold, HoldScope, Release, Source, SourceDocument, TargetDetail } from './types';
import type { Status, Target, TargetState } from './types';
import type { Page } from './pages';

/** Routes of the hub that the generated types do not have yet. */
interface Paging {
  limit?: number;
  cursor?: string;
}
type Operation<Path, Query, Body, Answer> = {
  parameters: {
    query?: Query;
    header?: { 'Idempotency-Key'?: string; 'If-Match'?: string };
    cookie?: never;
  } & ([Path] extends [never] ? { path?: never } : { path: Path });
  responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': Answer } } };
} & ([Body] extends [never] ? { requestBody?: never } : { requestBody: { content: { 'application/json': Body } } });
type Named = { name: string };
type None = never;
type Get<Path, Query, Answer> = Operation<Path, Query, never, Answer>;

type TargetQuery = Paging & { state?: TargetState; cluster?: string; region?: string };

export interface InterimPaths {
  '/api/v1/sources': { get: Get<None, Paging, Page<Source>>; post: Operation<None, None, SourceDocument, Source> };
  '/api/v1/sources/{name}': {
    get: Get<Named, None, Source>;
    put: Operation<Named, None, SourceDocument, Source>;
    delete: Operation<Named, None, never, unknown>;
  };
  '/api/v1/sources/{name}/refresh': { post: Operation<Named, None, never, Source> };
  '/api/v1/applications': {
    get: Get<None, Paging, Page<Application>>;
    post: Operation<None, None, ApplicationDocument, Application>;
  };
  '/api/v1/applications/{name}': {
    get: Get<Named, None, Application>;
    put: Operation<Named, None, ApplicationDocument, Application>;
    delete: Operation<Named, { workloads?: 'leave' | 'remove' }, never, ApplicationRemoval>;
  };
  '/api/v1/applications/{name}/sync': { post: Operation<Named, None, never, Application> };
  '/api/v1/applications/{name}/explain': { get: Get<Named, Paging & { cluster?: string }, Page<Explanation>> };
  '/api/v1/applications/{name}/targets': { get: Get<Named, TargetQuery, Page<Target>> };
  '/api/v1/applications/{name}/targets/{cluster}': { get: Get<Named & { cluster: string }, None, TargetDetail> };
  '/api/v1/applications/{name}/releases': { get: Get<Named, Paging, Page<Release>> };
  '/api/v1/applications/{name}/diff': { get: Get<Named, { cluster?: string; from?: number; to?: number }, Difference> };
  '/api/v1/applications/{name}/removals': { get: Get<Named, Paging, Page<Target>> };
  '/api/v1/applications/{name}/removals/confirm': {
    post: Operation<Named, None, { clusters: string[]; workloads: 'leave' | 'remove' }, unknown>;
  };
  '/api/v1/applications/{name}/deletions': { get: Get<Named, None, Deletions> };
  '/api/v1/applications/{name}/deletions/approve': {
    post: Operation<Named, None, { clusters: string[]; objects: string[] }, unknown>;
  };
  '/api/v1/status': { get: Get<None, None, Status> };
  '/api/v1/status/targets': { get: Get<None, TargetQuery & { application?: string }, Page<Target>> };
  '/api/v1/holds': {
    get: Get<None, Paging, Page<Hold>>;
    post: Operation<None, None, HoldScope & { reason: string }, Hold>;
  };
  '/api/v1/holds/release': { post: Operation<None, None, HoldScope, unknown> };
}
