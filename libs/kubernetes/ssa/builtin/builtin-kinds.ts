import { parseTypes } from '#libs/kubernetes/ssa/parse-types';
import type { Atom } from '#libs/kubernetes/ssa/schema';
import { coreTypes } from './core-types';
import { builtinKindLines } from './kinds';
import { otherTypes } from './other-types';

export interface BuiltinKind {
  group: string;
  version: string;
  kind: string;
  /** Plural, as in the path. */
  resource: string;
  namespaced: boolean;
  /** Whether `status` is a subresource, so that writes of the object itself leave it alone. */
  hasStatus: boolean;
  /** The type for server-side apply; parsed when it is first asked for. */
  type: () => Atom;
}

const lookup = parseTypes([...coreTypes, ...otherTypes]);

/** Kinds that every Kubernetes API server serves, shared by all in-memory clusters of a process. */
export const builtinKinds: readonly BuiltinKind[] = builtinKindLines.map(parseKind);

/** The type of `metadata`, also of custom resources. */
export const objectMetaType = (): Atom => lookup('ObjectMeta');

function parseKind(line: string): BuiltinKind {
  const [groupVersion = '', kind = '', resource = '', scope, status, type = ''] = line.split(' ');
  const slash = groupVersion.indexOf('/');
  return {
    group: slash < 0 ? '' : groupVersion.slice(0, slash),
    version: groupVersion.slice(slash + 1),
    kind,
    resource,
    namespaced: scope === 'n',
    hasStatus: status === 's',
    type: () => lookup(type),
  };
}
