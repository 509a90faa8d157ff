import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { type Digest, digestOf } from '#libs/protocol/digest';
import { describeProblem } from '#libs/rendering/problems';
import { renderApplication, type RenderedApplication } from '#libs/rendering/render';
import { plainYamlRenderer } from '#libs/rendering/yaml/renderer';
import type { TreeFailure } from '#src/hub/sources/git/port';
import { SourceReader } from '#src/hub/sources/source-reader.service';
import type { DueApplication } from './evaluation.repository';

/** Version of how objects become nodes: an input of every release, so that an upgrade never changes one that exists. */
const canonicalFormat = 1;
const cachedRenderings = 200;

const renderers = { yaml: plainYamlRenderer() };

export type Rendering =
  | { kind: 'rendered'; application: RenderedApplication; treeId: string; inputs: Digest }
  /** Someone must change something; the last good release stays. */
  | { kind: 'failed'; message: string }
  /** The repository cannot be read now. */
  | { kind: 'unavailable'; message: string };

/** From a commit to what an application renders to; equal inputs are rendered once. */
@Injectable()
export class Renderings {
  private readonly cache = new LRUCache<Digest, RenderedApplication>({ max: cachedRenderings });

  constructor(private readonly sources: SourceReader) {}

  async of(application: DueApplication, commit: string): Promise<Rendering> {
    const source = {
      id: application.source_id,
      spec: application.source_spec,
      credentials_sealed: application.credentials_sealed,
    };
    const { path } = application.spec;
    const tree = await this.sources.treeIdOf(source, commit, path);
    if (!tree.ok) return notRead(tree, path, commit);
    const inputs = inputsOf(application, tree.treeId);
    const cached = this.cache.get(inputs);
    if (cached !== undefined) return { kind: 'rendered', application: cached, treeId: tree.treeId, inputs };
    const content = await this.sources.readTree(source, commit, path);
    if (!content.ok) return notRead(content, path, commit);
    const { spec, name } = application;
    const rendering = await renderApplication({
      files: content.files,
      renderer: renderers[spec.renderer],
      namespace: spec.namespace,
      applicationName: name,
      allowEmpty: spec.allowEmpty,
      allowSecrets: spec.allowSecrets,
      parameters: spec.parameters,
      substitute: spec.substitute,
    });
    if (!rendering.ok) return { kind: 'failed', message: rendering.errors.map(describeProblem).join('\n') };
    this.cache.set(inputs, rendering.application);
    return { kind: 'rendered', application: rendering.application, treeId: tree.treeId, inputs };
  }
}

/** What may pass by itself, or what someone must change. */
function notRead({ reason, message, remedy }: TreeFailure, path: string, commit: string): Rendering {
  const kind = reason === 'commitMissing' || reason === 'unreadable' ? 'unavailable' : 'failed';
  return { kind, message: `path ${path} at commit ${commit.slice(0, 12)}: ${message}; ${remedy}` };
}

/** Everything that the output depends on but the values of each cluster. */
function inputsOf({ name, spec }: DueApplication, treeId: string): Digest {
  const { namespace, parameters, substitute, sync, allowEmpty, allowSecrets } = spec;
  const { name: renderer, version } = renderers[spec.renderer];
  return digestOf({
    canonicalFormat,
    treeId,
    renderer: { name: renderer, version },
    application: name,
    spec: { namespace, parameters, substitute, sync, allowEmpty, allowSecrets },
  });
}
