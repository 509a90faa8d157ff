/** A place within an object: keys of maps and indexes of lists, from the root. */
export type Path = readonly (string | number)[];

/** As people write it: `spec.containers[0].image`, `metadata.annotations["flotilla.dev/wave"]`. */
export function fieldPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** RFC 6901: unambiguous, so fit for comparing. */
export function jsonPointer(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
