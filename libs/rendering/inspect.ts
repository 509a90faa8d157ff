import { fieldPath, type Path } from './field-path';
import type { RenderLimits } from './limits';

export interface Inspection {
  field?: string;
  message: string;
  remedy: string;
}

/**
 * Checks that an object is JSON within the limits, whichever renderer made it: undefined when it is. Counts before anything
 * is serialised, since aliases and parameters make a short file stand for gigabytes.
 */
export function inspectObject(object: unknown, limits: RenderLimits): Inspection | undefined {
  let bytes = 0;
  const visit = (value: unknown, path: Path): Inspection | undefined => {
    if (path.length > limits.depth) {
      const message = `maps and lists are nested more than ${limits.depth} deep`;
      return { field: fieldPath(path.slice(0, 8)), message, remedy: 'flatten the object' };
    }
    bytes += scalarBytes(value);
    if (bytes > limits.objectBytes) {
      const message = `the object has more than ${limits.objectBytes} bytes`;
      return { message, remedy: 'split it: Kubernetes refuses larger ones' };
    }
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return undefined;
    if (typeof value === 'number') return inspectNumber(value, path);
    if (Array.isArray(value)) return first(value.entries(), path, visit);
    if (typeof value === 'object') return first(Object.entries(value), path, visit);
    return { field: fieldPath(path), message: 'the value is not JSON', remedy: 'leave it out' };
  };
  return visit(object, []);
}

function first(
  entries: Iterable<[string | number, unknown]>,
  path: Path,
  visit: (value: unknown, path: Path) => Inspection | undefined,
): Inspection | undefined {
  for (const [key, value] of entries) {
    if (key === '__proto__') {
      const message = 'the key `__proto__` is not accepted';
      return { field: fieldPath(path), message, remedy: 'use another name' };
    }
    const found = visit(value, [...path, key]) ?? (typeof key === 'string' ? visit(key, path) : undefined);
    if (found) return found;
  }
  return undefined;
}

function inspectNumber(value: number, path: Path): Inspection | undefined {
  if (Number.isFinite(value)) return undefined;
  return { field: fieldPath(path), message: 'the number is not finite', remedy: 'JSON has none: use text' };
}

/** With the comma, and the quotes of a string; escapes apart. */
function scalarBytes(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value) + 3;
  return typeof value === 'object' && value !== null ? 2 : String(value).length + 1;
}
