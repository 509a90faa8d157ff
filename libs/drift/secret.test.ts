import type { KubernetesObject } from '#libs/kubernetes/object';
import { baselineOf } from './baseline';
import { driftOf } from './drift';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

function secret(data: Record<string, string> | undefined, more: object = {}): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db', namespace: 'web', uid: 'u-1' }, data, ...more };
}

const intended = secret({ user: base64('shop') }, { type: 'Opaque', stringData: { password: 'hunter2' } });
const applied = secret({ user: base64('shop'), password: base64('hunter2') }, { type: 'Opaque' });
const baseline = baselineOf(applied, intended);

/** Neither a value nor its encoding anywhere. */
function expectNoSecret(value: unknown, ...secrets: string[]) {
  const text = JSON.stringify(value);
  for (const each of secrets) {
    expect(text).not.toContain(each);
    expect(text).not.toContain(base64(each));
  }
}

describe('drift of a Secret', () => {
  it('keeps no values in the baseline', () => {
    expectNoSecret(baseline, 'hunter2', 'shop');
  });

  it('is none while nothing changes, with stringData as the server stores it', () => {
    expect(driftOf(baseline, applied)).toEqual({ kind: 'none' });
  });

  it('shows digests for a value that was changed', () => {
    const drift = driftOf(baseline, secret({ user: base64('shop'), password: base64('letmein') }, { type: 'Opaque' }));
    expectNoSecret(drift, 'hunter2', 'letmein');
    const digest = expect.stringMatching(/^sha256:[0-9a-f]{6}…$/);
    expect(drift).toMatchObject({
      kind: 'changed',
      fields: [{ path: '.data.password', expected: digest, actual: digest }],
    });
    const [field] = drift.kind === 'changed' ? drift.fields : [];
    expect(field?.expected).not.toBe(field?.actual);
  });

  it('shows digests where all data is gone, or is something else', () => {
    for (const data of [undefined, 'letmein' as never]) {
      const drift = driftOf(baseline, secret(data, { type: 'Opaque' }));
      expectNoSecret(drift, 'hunter2', 'shop', 'letmein');
      expect(drift).toMatchObject({ kind: 'changed', fields: [{ path: '.data' }] });
    }
  });

  it('shows what is no secret: labels and the type', () => {
    const drift = driftOf(baseline, { ...applied, type: 'kubernetes.io/tls' });
    expect(drift).toMatchObject({ fields: [{ path: '.type', expected: 'Opaque', actual: 'kubernetes.io/tls' }] });
  });

  it('hides what kubectl keeps in an annotation', () => {
    const annotated = (text: string) => {
      return { ...applied, metadata: { ...applied.metadata, annotations: { [lastApplied]: text } } };
    };
    const own = baselineOf(annotated('hunter2'), annotated('hunter2'));
    const drift = driftOf(own, annotated('letmein'));
    expectNoSecret([own, drift], 'hunter2', 'letmein');
    expect(drift.kind).toBe('changed');
  });

  it('gives equal values of two Secrets different digests', () => {
    const other = baselineOf({ ...applied, metadata: { ...applied.metadata, uid: 'u-2' } }, intended);
    expect(other.root).not.toEqual(baseline.root);
  });
});
