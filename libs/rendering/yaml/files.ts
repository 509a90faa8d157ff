import type { RenderLimits } from '../limits';
import type { RenderFile, RenderProblem } from '../port';

export type Selection = { ok: true; manifests: RenderFile[] } | { ok: false; errors: RenderProblem[] };

const manifest = /\.(?:ya?ml|json)$/;
const otherRenderers = new Map([
  ['kustomization.yaml', 'Kustomize'],
  ['kustomization.yml', 'Kustomize'],
  ['Kustomization', 'Kustomize'],
  ['Chart.yaml', 'Helm'],
]);

/** The files that are manifests, in the order of their paths; refuses paths that another renderer is meant for. */
export function selectManifests(files: readonly RenderFile[], limits: RenderLimits): Selection {
  const visible = files.filter((file) => !file.path.split('/').some((part) => part.startsWith('.')));
  const manifests = visible.filter((file) => manifest.test(file.path));
  const errors = [...foreign(visible), ...tooMuch(files.length, manifests, limits)];
  if (errors.length > 0) return { ok: false, errors };
  return { ok: true, manifests: manifests.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)) };
}

function foreign(files: readonly RenderFile[]): RenderProblem[] {
  const errors: RenderProblem[] = [];
  for (const { path } of files) {
    const renderer = otherRenderers.get(path.slice(path.lastIndexOf('/') + 1));
    if (renderer === undefined) continue;
    const message = `this directory is for ${renderer}: it is not plain YAML`;
    const remedy = "set the application's renderer, or point its path at a directory of plain manifests";
    errors.push({ file: path, message, remedy });
  }
  return errors;
}

function tooMuch(count: number, manifests: readonly RenderFile[], limits: RenderLimits): RenderProblem[] {
  const remedy = 'split it, or point the application at a narrower path';
  if (count > limits.files) return [{ message: `the path holds ${count} files, more than ${limits.files}`, remedy }];
  const large = manifests.filter((file) => file.content.byteLength > limits.fileBytes);
  const errors = large.map((file): RenderProblem => {
    const message = `the file has ${file.content.byteLength} bytes, more than ${limits.fileBytes}`;
    return { file: file.path, message, remedy };
  });
  const totalBytes = manifests.reduce((sum, file) => sum + file.content.byteLength, 0);
  if (totalBytes <= limits.totalBytes) return errors;
  return [...errors, { message: `the manifests have ${totalBytes} bytes, more than ${limits.totalBytes}`, remedy }];
}
