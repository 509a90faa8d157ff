import type { JsonObject, ManagedFieldsEntry } from '#libs/kubernetes/object';
import { baselineOf } from './baseline';
import { driftOf } from './drift';
import { managerOf } from './field-manager';

function entry(manager: string, time: string, fieldsV1: JsonObject): ManagedFieldsEntry {
  return { manager, operation: 'Update', apiVersion: 'apps/v1', time, fieldsType: 'FieldsV1', fieldsV1 };
}

const replicas = ['f:spec', 'f:replicas'];
const image = ['f:spec', 'f:containers', 'k:{"name":"app"}', 'f:image'];

describe('managerOf', () => {
  it('finds who owns a field, also of a list entry', () => {
    const entries = [
      entry('scaler', '2026-01-01T00:00:00Z', { 'f:spec': { 'f:replicas': {} } }),
      entry('editor', '2026-01-01T00:00:00Z', {
        'f:spec': { 'f:containers': { 'k:{"name":"app"}': { 'f:image': {} } } },
      }),
    ];
    expect(managerOf(entries, replicas)).toBe('scaler');
    expect(managerOf(entries, image)).toBe('editor');
  });

  it('takes the newest of several', () => {
    const fields = { 'f:spec': { 'f:replicas': {} } };
    const entries = [entry('old', '2026-01-01T00:00:00Z', fields), entry('new', '2026-02-01T00:00:00Z', fields)];
    expect(managerOf(entries, replicas)).toBe('new');
    expect(managerOf(entries.reverse(), replicas)).toBe('new');
  });

  it('names ourselves only where nobody else holds the field', () => {
    const fields = { 'f:spec': { 'f:replicas': {} } };
    const entries = [entry('other', '2026-01-01T00:00:00Z', fields), entry('flotilla', '2026-02-01T00:00:00Z', fields)];
    expect(managerOf(entries, replicas, 'flotilla')).toBe('other');
    expect(managerOf(entries.slice(1), replicas, 'flotilla')).toBe('flotilla');
  });

  it('finds who owns what is around the field as one value', () => {
    expect(managerOf([entry('m', '', { 'f:spec': { 'f:selector': {} } })], ['f:spec', 'f:selector', 'f:app'])).toBe(
      'm',
    );
  });

  it('does not take an owner of a sibling, or of nothing, for the owner', () => {
    const labels = ['f:metadata', 'f:labels', 'f:a'];
    expect(
      managerOf([entry('m', '', { 'f:metadata': { 'f:labels': { '.': {}, 'f:b': {} } } })], labels),
    ).toBeUndefined();
    expect(managerOf([entry('m', '', {})], labels)).toBeUndefined();
    expect(managerOf([{}], labels)).toBeUndefined();
    expect(managerOf(undefined, labels)).toBeUndefined();
  });
});

describe('driftOf', () => {
  it('says by whom a field was changed, and nobody where it was removed', () => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: '1', b: '2' } };
    const managedFields = [entry('kubectl-edit', '2026-01-01T00:00:00Z', { 'f:data': { 'f:a': {} } })];
    const live = { ...object, metadata: { ...object.metadata, managedFields }, data: { a: '9' } };
    expect(driftOf(baselineOf(object, object), live, 'flotilla')).toEqual({
      kind: 'changed',
      fields: [
        { path: '.data.a', expected: '1', actual: '9', manager: 'kubectl-edit' },
        { path: '.data.b', expected: '2', actual: null },
      ],
      more: 0,
    });
  });
});
