import fc from 'fast-check';
import { objectKey } from '#libs/kubernetes/object';
import type { InventoryEntry } from './inventory-entry';
import { defaultPruneLimits, planPrune, type PruneInput } from './prune';

function entry(name: string, keep?: boolean): InventoryEntry {
  return { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'web', name, uid: `uid-${name}`, digest: 'd', keep };
}

const entries = (count: number) => Array.from({ length: count }, (_, i) => entry(`c${i}`));
const keys = (of: readonly InventoryEntry[]) => new Set(of.map(objectKey));

function plan(inventory: InventoryEntry[], leaving: InventoryEntry[], more: Partial<PruneInput> = {}) {
  const gone = keys(leaving);
  const stays = inventory.filter((each) => !gone.has(objectKey(each)));
  return planPrune({
    inventory,
    plan: keys(stays),
    claimedByOthers: new Set(),
    limits: defaultPruneLimits,
    approved: new Set(),
    ...more,
  });
}

const counts = (of: ReturnType<typeof planPrune>) => [
  of.prune.length,
  of.waiting.length,
  of.moved.length,
  of.kept.length,
];

describe('planPrune', () => {
  it('prunes what has left the plan', () => {
    const inventory = entries(10);
    expect(plan(inventory, inventory.slice(0, 2)).prune).toEqual(inventory.slice(0, 2));
  });

  it('prunes nothing where everything is planned, or nothing was applied', () => {
    expect(counts(plan(entries(10), []))).toEqual([0, 0, 0, 0]);
    expect(counts(plan([], []))).toEqual([0, 0, 0, 0]);
  });

  it.each([
    [100, 10, [10, 0]],
    [100, 11, [0, 11]],
    [10, 2, [2, 0]],
    [10, 3, [0, 3]],
    [5, 1, [1, 0]],
    [4, 1, [0, 1]],
    [1, 1, [0, 1]],
    [49, 10, [0, 10]],
    [50, 10, [10, 0]],
  ])('of %d objects, deleting %d gives %j pruned and waiting', (total, leaving, expected) => {
    const inventory = entries(total);
    expect(counts(plan(inventory, inventory.slice(0, leaving))).slice(0, 2)).toEqual(expected);
  });

  it('makes an empty plan wait', () => {
    const inventory = entries(3);
    expect(plan(inventory, inventory).waiting).toEqual(inventory);
  });

  it('lets any part of an approved set go, and nothing else', () => {
    const inventory = entries(40);
    const leaving = inventory.slice(0, 20);
    const approved = keys([...inventory.slice(0, 12), ...inventory.slice(30, 35), entry('never-applied')]);
    const result = plan(inventory, leaving, { approved });
    expect(result.prune).toEqual(inventory.slice(0, 12));
    expect(result.waiting).toEqual(inventory.slice(12, 20));
  });

  it('needs no approval below the limits', () => {
    const inventory = entries(40);
    const result = plan(inventory, inventory.slice(0, 2), { approved: keys([inventory[5]!]) });
    expect(result.prune).toEqual(inventory.slice(0, 2));
  });

  it('keeps the rest waiting when the approved part has gone', () => {
    const inventory = entries(40);
    const leaving = inventory.slice(0, 20);
    const first = plan(inventory, leaving, { approved: keys(leaving.slice(0, 18)) });
    const rest = inventory.slice(18);
    const second = plan(rest, leaving.slice(18), { waitedBefore: keys(first.waiting) });
    expect(second.prune).toEqual([]);
    expect(second.waiting).toEqual(leaving.slice(18));
    const approved = plan(rest, leaving.slice(18), {
      waitedBefore: keys(first.waiting),
      approved: keys(leaving.slice(18)),
    });
    expect(approved.prune).toEqual(leaving.slice(18));
  });

  it('counts what went a short while ago, so that small steps do not evade the cap', () => {
    const inventory = entries(100);
    expect(counts(plan(inventory, inventory.slice(0, 5), { recentlyPruned: 5 })).slice(0, 2)).toEqual([5, 0]);
    expect(counts(plan(inventory, inventory.slice(0, 5), { recentlyPruned: 6 })).slice(0, 2)).toEqual([0, 5]);
  });

  it('never deletes what another application claims, and does not count it', () => {
    const inventory = entries(10);
    const result = plan(inventory, inventory, { claimedByOthers: keys(inventory.slice(2)) });
    expect(result.moved).toEqual(inventory.slice(2));
    expect(result.prune).toEqual(inventory.slice(0, 2));
  });

  it('leaves an object in the inventory that both applications plan', () => {
    const inventory = entries(2);
    expect(counts(plan(inventory, [], { claimedByOthers: keys(inventory) }))).toEqual([0, 0, 0, 0]);
  });

  it('never deletes what says that it is kept, even if approved', () => {
    const inventory = [...entries(20), entry('volume', true)];
    const result = plan(inventory, inventory.slice(20), { approved: keys(inventory) });
    expect(counts(result)).toEqual([0, 0, 0, 1]);
  });

  it('lets nothing through under a limit that is no number', () => {
    const inventory = entries(100);
    const limits = { maxObjects: NaN, maxPercent: 20 };
    expect(counts(plan(inventory, inventory.slice(0, 1), { limits })).slice(0, 2)).toEqual([0, 1]);
  });

  it('holds the cap, and names each leaving entry once, whatever the input', () => {
    const names = fc.uniqueArray(fc.nat(60), { maxLength: 60 });
    const sets = fc.tuple(names, names, names, names, names);
    fc.assert(
      fc.property(
        sets,
        fc.nat(20),
        fc.nat(100),
        ([applied, planned, claimed, approvedNames, kept], maxObjects, maxPercent) => {
          const inventory = applied.map((n) => entry(`c${n}`, kept.includes(n)));
          const asKeys = (of: number[]) => new Set(of.map((n) => objectKey(entry(`c${n}`))));
          const [inPlan, approved] = [asKeys(planned), asKeys(approvedNames)];
          const limits = { maxObjects, maxPercent };
          const result = planPrune({ inventory, plan: inPlan, claimedByOthers: asKeys(claimed), limits, approved });
          const parts = [...result.prune, ...result.waiting, ...result.moved, ...result.kept];
          const leaving = inventory.filter((each) => !inPlan.has(objectKey(each)));
          expect(new Set(parts)).toEqual(new Set(leaving));
          expect(parts).toHaveLength(leaving.length);
          const unapproved = result.prune.filter((each) => !approved.has(objectKey(each)));
          if (unapproved.length > 0) {
            expect(result.prune.length).toBeLessThanOrEqual(maxObjects);
            expect(result.prune.length * 100).toBeLessThanOrEqual(maxPercent * inventory.length);
          }
        },
      ),
    );
  });
});
