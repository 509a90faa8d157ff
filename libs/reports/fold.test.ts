import fc from 'fast-check';
import type { Report, TargetReport } from '#libs/protocol/report';
import { fold, nothingTold, presentTargets } from './fold';

const target = (application: string, generation: number): TargetReport => ({
  application,
  scope: 'cluster',
  bundle: null,
  epoch: 1,
  generation,
  phase: 'applied',
  health: { status: 'healthy', message: '' },
  objects: { total: 1, applied: 1, failed: 0 },
  drifted: 0,
  corrected: 0,
  driftNotes: [],
  errors: [],
  pendingDeletions: [],
  observedAt: '2026-01-01T00:00:00.000Z',
  ageMs: 0,
});

const reports = fc.uniqueArray(
  fc.record({
    session: fc.integer({ min: 1, max: 3 }),
    sequence: fc.integer({ min: 0, max: 6 }),
    snapshot: fc.boolean(),
    applications: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd')),
    generation: fc.integer({ min: 1, max: 99 }),
  }),
  { selector: ({ session, sequence }) => `${session}.${sequence}`, maxLength: 12 },
);

const asReport = (given: {
  session: number;
  sequence: number;
  snapshot: boolean;
  applications: string[];
  generation: number;
}): Report => ({
  format: 1,
  kind: 'report',
  cluster: '00000000-0000-4000-8000-000000000000',
  session: given.session,
  sequence: given.sequence,
  sentAt: '2026-01-01T00:00:00.000Z',
  snapshot: given.snapshot,
  targets: given.applications.map((application) => target(application, given.generation)),
});

const seen = (list: Report[]) =>
  presentTargets(list.reduce(fold, nothingTold))
    .map(({ session, sequence, report }) => `${report.application} ${session}.${sequence} ${report.generation}`)
    .sort();

describe('fold', () => {
  it('takes reports in any order and any number of times', () => {
    fc.assert(
      fc.property(reports, fc.infiniteStream(fc.nat()), (given, picks) => {
        const inOrder = given.map(asReport);
        const shuffled: Report[] = [];
        const rest = [...inOrder, ...inOrder];
        while (rest.length > 0) shuffled.push(...rest.splice((picks.next().value ?? 0) % rest.length, 1));
        expect(seen(shuffled)).toEqual(seen(inOrder));
      }),
    );
  });

  it('drops a target that the newest snapshot does not have, and keeps one that was told after it', () => {
    const first = asReport({ session: 1, sequence: 0, snapshot: true, applications: ['a', 'b'], generation: 1 });
    const second = asReport({ session: 2, sequence: 0, snapshot: true, applications: ['b'], generation: 2 });
    const third = asReport({ session: 2, sequence: 1, snapshot: false, applications: ['c'], generation: 3 });
    expect(seen([first, second, third])).toEqual(['b 2.0 2', 'c 2.1 3']);
  });

  it('does not let an old session speak for a new one', () => {
    const fresh = asReport({ session: 2, sequence: 0, snapshot: true, applications: ['a'], generation: 9 });
    const spooled = asReport({ session: 1, sequence: 5, snapshot: true, applications: ['a', 'b'], generation: 8 });
    expect(seen([fresh, spooled])).toEqual(['a 2.0 9']);
  });
});
