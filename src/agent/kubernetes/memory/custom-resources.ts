import type { KubernetesObject } from '#libs/kubernetes/object';
import { objectMetaType } from '#libs/kubernetes/ssa/builtin/builtin-kinds';
import { schemaOfCustomResource } from '#libs/kubernetes/ssa/openapi-schema';
import type { Atom } from '#libs/kubernetes/ssa/schema';
import { isMap, type PlainMap } from '#libs/kubernetes/ssa/value';
import type { ServedKind } from './kinds';

/** The kinds that a CustomResourceDefinition makes served, one for each version. */
export function kindsOfDefinition(definition: KubernetesObject): ServedKind[] {
  const spec = mapOf(definition['spec']);
  const names = mapOf(spec['names']);
  const versions = Array.isArray(spec['versions']) ? spec['versions'].filter(isMap) : [];
  const served = versions.filter((version) => version['served'] === true);
  return served.map((version) => ({
    group: String(spec['group']),
    version: String(version['name']),
    kind: String(names['kind']),
    resource: String(names['plural']),
    namespaced: spec['scope'] === 'Namespaced',
    hasStatus: mapOf(version['subresources'])['status'] !== undefined,
    type: typeOf(version),
    definition: definition.metadata.name,
    versions: served.map((each) => String(each['name'])),
  }));
}

/** What the API server writes when it has accepted a definition. */
export function establishedStatus(definition: KubernetesObject, time: string): PlainMap {
  const spec = mapOf(definition['spec']);
  const versions = Array.isArray(spec['versions']) ? spec['versions'].filter(isMap) : [];
  const condition = (type: string, reason: string, message: string) => ({
    type,
    status: 'True',
    lastTransitionTime: time,
    reason,
    message,
  });
  return {
    acceptedNames: spec['names'],
    storedVersions: versions.filter((version) => version['storage'] === true).map((version) => version['name']),
    conditions: [
      condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
      condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
    ],
  };
}

function typeOf(version: PlainMap): () => Atom {
  let atom: Atom | undefined;
  return () => (atom ??= schemaOfCustomResource(mapOf(version['schema'])['openAPIV3Schema'], objectMetaType()));
}

function mapOf(value: unknown): PlainMap {
  return isMap(value) ? value : {};
}
