import type { KubernetesObject } from '#libs/kubernetes/object';
import { diffObjects } from './object-diff';

const mask = (value: unknown, object: string) => `masked(${object}, ${String(value).length})`;
const object = (kind: string, name: string, rest: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'web' },
  ...rest,
});
const containers = (...items: object[]) => ({ spec: { template: { spec: { containers: items } } } });

describe('the difference between two sets of objects', () => {
  it('says what is added, removed and changed, and nothing of what stays', () => {
    const before = [
      object('ConfigMap', 'stays'),
      object('ConfigMap', 'goes'),
      object('ConfigMap', 'changes', { data: { x: '1' } }),
    ];
    const after = [
      object('ConfigMap', 'stays'),
      object('ConfigMap', 'comes'),
      object('ConfigMap', 'changes', { data: { x: '2' } }),
    ];
    expect(diffObjects(before, after, mask)).toEqual([
      {
        object: '/ConfigMap/web/changes',
        name: 'ConfigMap web/changes',
        change: 'changed',
        fields: [{ path: 'data.x', before: '1', after: '2' }],
        moreFields: 0,
      },
      expect.objectContaining({ object: '/ConfigMap/web/comes', change: 'added' }),
      expect.objectContaining({ object: '/ConfigMap/web/goes', change: 'removed' }),
    ]);
  });

  it('matches items of lists by name, others by position, and tells a new order', () => {
    const before = object('Pod', 'p', containers({ name: 'a', image: 'a:1' }, { name: 'b', args: ['x', 'y'] }));
    const after = object(
      'Pod',
      'p',
      containers({ name: 'b', args: ['x', 'z'] }, { name: 'a', image: 'a:2' }, { name: 'c' }),
    );
    expect(diffObjects([before], [after], mask)[0]?.fields).toEqual([
      { path: 'spec.template.spec.containers[name=a].image', before: 'a:1', after: 'a:2' },
      { path: 'spec.template.spec.containers[name=b].args[1]', before: 'y', after: 'z' },
      { path: 'spec.template.spec.containers[name=c]', after: { name: 'c' } },
      { path: 'spec.template.spec.containers (order)', before: ['a', 'b'], after: ['b', 'a'] },
    ]);
  });

  it('quotes keys that are no names, and tells a missing field from null', () => {
    const before = object('ConfigMap', 'c', { data: { 'a.b/c': '1', gone: null } });
    const after = object('ConfigMap', 'c', { data: { 'a.b/c': '2' } });
    expect(diffObjects([before], [after], mask)[0]?.fields).toEqual([
      { path: 'data["a.b/c"]', before: '1', after: '2' },
      { path: 'data.gone', before: null },
    ]);
  });

  it.each([
    ['changed', { data: { password: 'c2VjcmV0' } }, { data: { password: 'b3RoZXI=' } }],
    ['given for the first time', {}, { data: { password: 'c2VjcmV0' }, stringData: { token: 'hunter2' } }],
    ['taken away', { stringData: { token: 'hunter2' } }, {}],
    ['no map', { data: { x: 'x' } }, { data: 'c2VjcmV0' }],
  ])('never shows a value of a Secret that is %s', (_, before, after) => {
    const changes = diffObjects([object('Secret', 's', before)], [object('Secret', 's', after)], mask);
    expect(changes[0]?.fields.length).toBeGreaterThan(0);
    expect(JSON.stringify(changes)).not.toMatch(/c2VjcmV0|b3RoZXI|hunter2/);
    expect(JSON.stringify(changes)).toContain('masked(/Secret/web/s');
  });

  it('masks what kubectl keeps of a Secret in an annotation, and shows its other fields', () => {
    const metadata = (last: string, team: string) => ({
      metadata: {
        name: 's',
        namespace: 'web',
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': last, team },
      },
    });
    const [change] = diffObjects(
      [object('Secret', 's', metadata('hunter2', 'a'))],
      [object('Secret', 's', metadata('hunter3', 'b'))],
      mask,
    );
    expect(change?.fields.map(({ path, after }) => [path, after])).toEqual([
      ['metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]', 'masked(/Secret/web/s, 7)'],
      ['metadata.annotations.team', 'b'],
    ]);
  });

  it('lists 200 fields of an object, and counts the others', () => {
    const data = (value: string) => ({
      data: Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`k${index}`, value])),
    });
    const [change] = diffObjects([object('ConfigMap', 'c', data('1'))], [object('ConfigMap', 'c', data('2'))], mask);
    expect(change?.fields).toHaveLength(200);
    expect(change?.moreFields).toBe(50);
  });
});
