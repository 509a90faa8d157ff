import { RENDER_LIMITS, type RenderLimits } from '../limits';
import type { RenderedObject, Renderer, RenderInput, RenderResult } from '../port';
import { Problems } from '../problems';
import { selectManifests } from './files';
import { flattenDocument } from './flatten';
import { parseFile } from './parse';

/** Plain manifests, which mean what they mean to `kubectl apply -R -f`. Takes no values. */
export function plainYamlRenderer(limits: RenderLimits = RENDER_LIMITS): Renderer {
  return { name: 'yaml', version: '1', render: (input) => render(input, limits) };
}

function render(input: RenderInput, limits: RenderLimits): RenderResult {
  const selection = selectManifests(input.files, limits);
  if (!selection.ok) return selection;
  const problems = new Problems(limits.problems);
  const objects: RenderedObject[] = [];
  let documents = 0;
  for (const file of selection.manifests) {
    const parsed = parseFile(file, limits);
    problems.add(...parsed.errors);
    documents += parsed.documentCount;
    for (const document of parsed.documents) {
      const flattened = flattenDocument(document);
      problems.add(...flattened.errors);
      for (const object of flattened.objects) objects.push(object);
    }
    const exceeded =
      documents > limits.documents
        ? `${limits.documents} documents`
        : objects.length > limits.objects
          ? `${limits.objects} objects`
          : undefined;
    if (exceeded !== undefined) {
      const remedy = 'split it into several applications';
      problems.add({ file: file.path, message: `up to this file there are more than ${exceeded}`, remedy });
      break;
    }
  }
  return problems.isEmpty ? { ok: true, objects, warnings: [] } : { ok: false, errors: problems.list() };
}
