import { elementOfItem } from './elements';
import { type Atom, type ListType, type MapType, type ScalarType, typeOfKey } from './schema';
import { deduce, isMap, shapeOf } from './value';

const maxErrors = 20;

interface Found {
  errors: string[];
  duplicates: 'refused' | 'allowed';
}

/**
 * Type errors of a value, each with its field: `.spec.replica: field not declared in schema`; none means it fits. An
 * apply must not give an item of a list twice; objects that are written otherwise may hold some.
 */
export function validateTypes(value: unknown, atom: Atom, duplicates: 'refused' | 'allowed' = 'refused'): string[] {
  const found: Found = { errors: [], duplicates };
  walk(value, atom, '', found);
  return found.errors.slice(0, maxErrors);
}

function walk(value: unknown, atom: Atom, path: string, found: Found): void {
  if (value === null || value === undefined) return;
  const deduced = deduce(atom, value);
  switch (shapeOf(deduced)) {
    case 'map':
      return walkMap(value, deduced.map as MapType, path, found);
    case 'list':
      return walkList(value, deduced.list as ListType, path, found);
    case 'scalar':
      if (!fits(deduced.scalar as ScalarType, value))
        found.errors.push(`${path}: expected ${deduced.scalar}, got ${shown(value)}`);
  }
}

function walkMap(value: unknown, type: MapType, path: string, found: Found): void {
  if (!isMap(value)) {
    found.errors.push(`${path}: expected map, got ${shown(value)}`);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    if (!type.fields.has(key) && !type.element) found.errors.push(`${path}.${key}: field not declared in schema`);
    else walk(item, typeOfKey(type, key), `${path}.${key}`, found);
  }
}

function walkList(value: unknown, type: ListType, path: string, found: Found): void {
  if (!Array.isArray(value)) {
    found.errors.push(`${path}: expected list, got ${shown(value)}`);
    return;
  }
  const seen = new Set<string>();
  value.forEach((item, index) => {
    if (type.relationship !== 'atomic') {
      const result = elementOfItem(type, item);
      if ('error' in result) {
        found.errors.push(`${path}: element ${index}: ${result.error}`);
        return;
      }
      if (seen.has(result.element) && found.duplicates === 'refused')
        found.errors.push(`${path}: duplicate entries for key ${result.element.slice(2)}`);
      seen.add(result.element);
    }
    walk(item, type.element(), `${path}[${index}]`, found);
  });
}

function fits(scalar: ScalarType, value: unknown): boolean {
  switch (scalar) {
    case 'string':
      return typeof value === 'string';
    case 'numeric':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'untyped':
      return typeof value !== 'object';
  }
}

/** The kind of the value only: the value itself may be secret. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  return typeof value === 'object' ? 'map' : typeof value;
}
