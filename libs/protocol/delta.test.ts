import fc from 'fast-check';
import { applyBundleDelta, bundleDelta } from './delta';
import { digestOf } from './digest';
import { type BundleNode, encodeNode } from './nodes';

const digests = Array.from({ length: 12 }, (_, index) => digestOf(index));
const node = (objects: number[], prune = true): BundleNode => ({
  format: 1,
  kind: 'bundle',
  policy: { prune, pruneLimits: { maxObjects: 10, maxPercent: 20 }, drift: 'reapply', conflicts: 'fail' },
  objects: objects.map((index) => digests[index]!),
});
const named = (bundle: BundleNode) => ({ digest: encodeNode(bundle).digest, node: bundle });
const lists = fc.uniqueArray(fc.integer({ min: 0, max: 11 }));

describe('bundle deltas', () => {
  it('rebuild the target from the base, whatever the two are', () => {
    fc.assert(
      fc.property(lists, lists, fc.boolean(), (from, to, prune) => {
        const [base, target] = [named(node(from)), named(node(to, prune))];
        expect(applyBundleDelta(base.node, bundleDelta(base, target))).toEqual(target.node);
      }),
    );
  });

  it('are as large as the change', () => {
    const delta = bundleDelta(named(node([0, 1, 2, 3, 4, 5])), named(node([0, 1, 9, 3, 4, 5])));
    expect(delta.splices).toEqual([[2, 1, [digests[9]]]]);
    expect(delta.policy).toBeUndefined();
  });
});
