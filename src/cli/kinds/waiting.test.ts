import type { Application } from '../client/types';
import { waitingOf } from './waiting';

const application = (name: string, status: Partial<Application['status']>): Application =>
  ({ metadata: { name }, status: { pendingRemovals: 0, pendingDeletions: 0, ...status } }) as Application;

describe('what waits for a person', () => {
  it('is nothing where all goes on by itself', () => {
    expect(waitingOf([application('web', {})])).toEqual([]);
  });

  it('is what cannot be rendered, removals and deletions, each with the command that says more', () => {
    const waiting = waitingOf([
      application('web', { pendingRemovals: 1, pendingDeletions: 2 }),
      application('api', { failingSince: '2026-01-01T00:00:00Z', message: 'a.yaml:1: one\nb.yaml:2: two' }),
    ]);
    expect(waiting).toEqual([
      {
        application: 'api',
        what: 'cannot be rendered: a.yaml:1: one (and 1 more)',
        see: 'flotilla describe application api',
      },
      {
        application: 'web',
        what: '1 target lost the placement; leave or remove what runs there',
        see: 'flotilla application removals web',
      },
      {
        application: 'web',
        what: 'deletions on 2 targets wait for an approval',
        see: 'flotilla application deletions web',
      },
    ]);
  });
});
