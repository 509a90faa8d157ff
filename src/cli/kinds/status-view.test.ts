import type { Status, Target } from '../client/types';
import { type FleetView, statusKey, statusText } from './status-view';

const now = new Date('2026-01-01T00:10:00Z');
const plain = (text: string) => text;
const none = { total: 0, unknown: 0, failed: 0, drifted: 0, progressing: 0, inSync: 0 };

const view = (status: Partial<Status> = {}, rest: Partial<FleetView> = {}): FleetView => ({
  status: {
    clusters: { total: 2, online: 2, pending: 0, unknown: 0 },
    targets: { ...none, total: 2, inSync: 2 },
    sources: { total: 1, failing: 0 },
    applications: { total: 1, deleting: 0, failing: 0, pending: 0, ready: 1 },
    holds: [],
    asOf: now.toISOString(),
    ...status,
  },
  rows: [],
  wrong: [],
  waiting: [],
  ...rest,
});
const text = (of: FleetView) => statusText(of, now, plain);

describe('the status of the fleet', () => {
  it('is two lines where all is well', () => {
    expect(text(view())).toBe(
      'Clusters  2 of 2 online (0 pending, 0 unknown)\n' +
        'Targets   2 of 2 in sync (0 progressing, 0 drifted, 0 failed, 0 unknown)\n',
    );
  });

  it('says how to begin where nothing is there yet', () => {
    const empty = { total: 0, online: 0, pending: 0, unknown: 0 };
    expect(text(view({ clusters: empty }))).toMatch(
      /No clusters yet\. .*flotilla cluster add.*flotilla cluster register/,
    );
    const applications = { total: 0, deleting: 0, failing: 0, pending: 0, ready: 0 };
    expect(text(view({ applications }))).toMatch(/No applications yet\. .*flotilla apply -f FILE/);
  });

  it('says at a glance what is held, and that sources fail', () => {
    const hold = { scope: 'fleet', reason: 'incident', createdBy: 'alice', createdAt: '2026-01-01T00:00:00Z' } as const;
    const said = text(view({ holds: [hold as Status['holds'][number]], sources: { total: 1, failing: 1 } }));
    expect(said).toContain('\nHeld: fleet, 10m ago by alice: incident\n');
    expect(said).toContain('\n1 source cannot be fetched: flotilla source list -o wide\n');
  });

  it('has one line for all clusters with the same trouble, and one for what waits', () => {
    const wrong = ['a', 'b', 'c', 'd', 'e'].map(
      (cluster) => ({ application: 'web', cluster, state: 'failed', message: 'no image' }) as Target,
    );
    const waiting = [{ application: 'web', what: 'waits', see: 'flotilla do' }];
    const said = text(view({ targets: { ...none, total: 7, failed: 7 } }, { wrong, waiting }));
    expect(said).toMatch(/\nweb on a, b and 3 more +failed +no image\nand 2 more: flotilla get targets\n/);
    expect(said).toMatch(/\nWAITS FOR YOU +WHAT +SEE\nweb +waits +flotilla do\n$/);
  });

  it('is printed anew by a watch when something begins to wait, not when time passes', () => {
    const waiting = [{ application: 'web', what: 'waits', see: 'flotilla do' }];
    expect(statusKey(view({}, { waiting }))).not.toBe(statusKey(view()));
    expect(statusKey(view({ asOf: '2026-01-01T01:00:00Z' }))).toBe(statusKey(view()));
  });
});
