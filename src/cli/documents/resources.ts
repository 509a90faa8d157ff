import type { ApplicationDocument } from '#libs/resources/application';
import type { ClusterDocument } from '#libs/resources/cluster';
import type { SourceDocument } from '#libs/resources/source';
import { answered, answeredIfFound, creating } from '../client/answers';
import type { Hub } from '../client/hub';
import type { Cluster, RegisteredCluster } from '../client/types';
import type { Declaration, DeclaredKind } from './check';
import type { Current } from './compare';

type Document = Declaration['document'];

/** How the hub is asked for a kind. */
interface Resource {
  find(hub: Hub, name: string): Promise<Current | undefined>;
  create(hub: Hub, document: Document): Promise<Current>;
  replace(hub: Hub, name: string, document: Document, version: number | undefined): Promise<Current>;
}

const ifMatch = (version: number | undefined) =>
  version === undefined ? {} : { headers: { 'If-Match': `W/"${version}"` } };

export const resources: Record<DeclaredKind, Resource> = {
  Cluster: {
    find: (hub, name) => answeredIfFound(hub.api.GET('/api/v1/clusters/{name}', { params: { path: { name } } })),
    create: (hub, body) => answered(hub.api.POST('/api/v1/clusters', { body: body as ClusterDocument, ...creating() })),
    replace: (hub, name, body, version) =>
      answered(
        hub.api.PUT('/api/v1/clusters/{name}', {
          params: { path: { name } },
          body: body as ClusterDocument,
          ...ifMatch(version),
        }),
      ),
  },
  Source: {
    find: (hub, name) => answeredIfFound(hub.api.GET('/api/v1/sources/{name}', { params: { path: { name } } })),
    create: (hub, body) => answered(hub.api.POST('/api/v1/sources', { body: body as SourceDocument, ...creating() })),
    replace: (hub, name, body, version) =>
      answered(
        hub.api.PUT('/api/v1/sources/{name}', {
          params: { path: { name } },
          body: body as SourceDocument,
          ...ifMatch(version),
        }),
      ),
  },
  Application: {
    find: (hub, name) => answeredIfFound(hub.api.GET('/api/v1/applications/{name}', { params: { path: { name } } })),
    create: (hub, body) =>
      answered(hub.api.POST('/api/v1/applications', { body: body as ApplicationDocument, ...creating() })),
    replace: (hub, name, body, version) =>
      answered(
        hub.api.PUT('/api/v1/applications/{name}', {
          params: { path: { name } },
          body: body as ApplicationDocument,
          ...ifMatch(version),
        }),
      ),
  },
};

/** The command that joins a cluster that was just registered. */
export function joinCommandOf(created: Current): string | undefined {
  return (created as Partial<RegisteredCluster> & Pick<Cluster, 'metadata'>).join?.joinCommand;
}
