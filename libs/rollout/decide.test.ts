import type { Digest } from '#libs/protocol/digest';
import { decide, type TargetFacts } from './decide';

const v1 = '1'.repeat(64) as Digest;
const v2 = '2'.repeat(64) as Digest;

const target = (facts: Partial<TargetFacts>): TargetFacts => ({
  cluster: 'c1',
  placed: true,
  removal: null,
  wanted: { release: 2, bundle: v2 },
  assigned: { bundle: v1, removal: null },
  good: false,
  cordoned: false,
  deregistering: false,
  ...facts,
});

describe('decide', () => {
  it('authorises the variant that is wanted, once', () => {
    expect(decide([target({})]).authorise).toEqual([{ kind: 'deliver', cluster: 'c1', release: 2, bundle: v2 }]);
    expect(decide([target({ assigned: { bundle: v2, removal: null } })]).authorise).toEqual([]);
  });

  it.each([
    ['held', { heldBy: 'the halt of the fleet' }],
    ['cordoned', { cordoned: true }],
    ['problem', { wanted: undefined, problem: 'parameter zone has no value' }],
    ['deregistering', { deregistering: true }],
    ['pendingRemoval', { placed: false, removal: 'pending' as const }],
  ])('authorises nothing that is %s, and says so', (kind, facts) => {
    const decision = decide([target(facts)]);
    expect(decision.authorise).toEqual([]);
    expect(decision.blocked.map((blocker) => blocker.kind)).toEqual([kind]);
    expect(decision.completed).toBe(false);
  });

  it('removes only what a person has confirmed, in the mode that was said', () => {
    expect(decide([target({ placed: false, removal: 'delete' })]).authorise).toEqual([
      { kind: 'remove', cluster: 'c1', mode: 'delete' },
    ]);
    expect(decide([target({ placed: false, removal: 'orphan' })]).authorise).toEqual([
      { kind: 'remove', cluster: 'c1', mode: 'orphan' },
    ]);
    const removed = { bundle: null, removal: 'delete' as const };
    expect(decide([target({ placed: false, removal: 'delete', assigned: removed })]).authorise).toEqual([]);
  });

  it('holds back removals too, since a halt wins', () => {
    expect(decide([target({ placed: false, removal: 'delete', heldBy: 'halt' })]).authorise).toEqual([]);
  });

  it('removes from a cordoned cluster that leaves the fleet', () => {
    const leaving = target({ placed: false, removal: 'delete', cordoned: true, deregistering: true });
    expect(decide([leaving]).authorise).toHaveLength(1);
  });

  it('places again what was removed', () => {
    const back = target({ assigned: { bundle: null, removal: 'delete' } });
    expect(decide([back]).authorise).toEqual([{ kind: 'deliver', cluster: 'c1', release: 2, bundle: v2 }]);
  });

  it('is completed when all that is placed runs what is wanted, and well', () => {
    const done = target({ assigned: { bundle: v2, removal: null }, good: true });
    expect(decide([done]).completed).toBe(true);
    expect(decide([done, target({ assigned: { bundle: v2, removal: null } })]).completed).toBe(false);
  });
});
