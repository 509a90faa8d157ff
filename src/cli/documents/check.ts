import { type ApplicationDocument, applicationDocumentSchema } from '#libs/resources/application';
import { type ClusterDocument, clusterDocumentSchema } from '#libs/resources/cluster';
import { apiVersion } from '#libs/resources/document';
import { type SourceDocument, sourceDocumentSchema } from '#libs/resources/source';
import { suggestion } from '#libs/text/suggestion';
import { check, fieldPath } from '#libs/validation/issues';
import type { RawDocument } from './parse';

/** What a file declares, checked; defaults are filled in. */
export type Declaration = (
  | { kind: 'Cluster'; document: ClusterDocument }
  | { kind: 'Source'; document: SourceDocument }
  | { kind: 'Application'; document: ApplicationDocument }
) & {
  name: string;
  /** `fleet.yaml:12` */
  at: string;
  /** As it was written, without defaults. */
  written: { metadata?: object; spec?: object };
};

export type DeclaredKind = Declaration['kind'];

/** What needs nothing else first. */
export const declaredKinds: readonly DeclaredKind[] = ['Cluster', 'Source', 'Application'];
const schemas = {
  Cluster: clusterDocumentSchema,
  Source: sourceDocumentSchema,
  Application: applicationDocumentSchema,
};

export type CheckedDocument = { ok: true; declaration: Declaration } | { ok: false; errors: string[] };

/** One document as a declaration, or everything that is wrong with it, each with its line. */
export function checkDocument({ value, at }: RawDocument): CheckedDocument {
  const wrong = (path: readonly PropertyKey[], message: string): CheckedDocument => ({
    ok: false,
    errors: [`${at(path)}: ${message}`],
  });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong([], 'is no mapping');
  const { apiVersion: version, kind } = value as { apiVersion?: unknown; kind?: unknown };
  if (version === undefined) return wrong([], `apiVersion: is missing; write \`apiVersion: ${apiVersion}\``);
  if (version !== apiVersion) {
    return wrong(
      ['apiVersion'],
      `apiVersion: is not ${apiVersion}; objects of Kubernetes belong in the repository of a source`,
    );
  }
  if (kind === undefined) return wrong([], `kind: is missing; there are: ${declaredKinds.join(', ')}`);
  const declared = declaredKinds.find((each) => each === kind);
  if (declared === undefined) {
    return wrong(
      ['kind'],
      `kind: there is no kind ${JSON.stringify(kind)}; ${suggestion(typeof kind === 'string' ? kind : '', declaredKinds)}`,
    );
  }
  const checked = check(schemas[declared], withoutReadOnly(value as Record<string, unknown>));
  if (!checked.ok) {
    const errors = checked.issues.map(({ path, message }) => `${at(path)}: ${fieldPath(path, 'document')}: ${message}`);
    return { ok: false, errors };
  }
  const document = checked.value;
  return {
    ok: true,
    declaration: { kind: declared, document, name: document.metadata.name, at: at([]), written: value } as Declaration,
  };
}

const readOnly = ['id', 'version', 'createdAt', 'updatedAt'];

/** So that what `get -o yaml` printed can be applied. */
function withoutReadOnly(value: Record<string, unknown>): Record<string, unknown> {
  const { status: _, metadata, ...rest } = value;
  if (typeof metadata !== 'object' || metadata === null) return { ...rest, metadata };
  const kept = Object.entries(metadata).filter(([key]) => !readOnly.includes(key));
  return { ...rest, metadata: Object.fromEntries(kept) };
}
