import type { Application, Cluster, Target } from '../client/types';
import { applicationAdvice, describeApplication } from './describe-application';
import { clusterAdvice, describeCluster } from './describe-cluster';

const now = new Date('2026-01-02T00:00:00Z');

const cluster = (status: Partial<Cluster['status']> = {}, spec: Partial<Cluster['spec']> = {}): Cluster => ({
  apiVersion: 'flotilla.dev/v1',
  kind: 'Cluster',
  metadata: {
    id: 'i',
    name: 'fra-1',
    labels: { b: '2', a: '1' },
    version: 1,
    createdAt: '2026-01-01T00:00:00Z',
    updatedAt: '2026-01-01T00:00:00Z',
  },
  spec: { region: 'eu', serviceAccount: null, cordoned: false, ...spec },
  status: { lifecycle: 'joined', connection: 'online', facts: {}, hosted: false, root: {}, ...status },
});

describe('advice on a cluster', () => {
  it('is nothing when all is well', () => {
    expect(clusterAdvice(cluster())).toEqual([]);
  });

  it.each([
    [
      { connection: 'pending', lifecycle: 'registered' } as const,
      {},
      /^No agent has joined yet.*flotilla cluster join-token fra-1/,
    ],
    [{ connection: 'unknown', silentSeconds: 600 } as const, {}, /^It has not been heard for 10m/],
    [{ lifecycle: 'revoked', connection: 'unknown' } as const, {}, /^Its agent was revoked/],
    [{ trouble: 'the root has expired' }, {}, /the root has expired/],
    [{}, { cordoned: true }, /^It is cordoned.*flotilla cluster uncordon fra-1/],
    [
      { root: { current: { epoch: 1, generation: 1 }, held: { epoch: 2, generation: 1 } } },
      {},
      /restored from a backup/,
    ],
  ])('says first what is wrong with %j %j', (status, spec, message) => {
    expect(clusterAdvice(cluster(status, spec))[0]).toMatch(message);
  });

  it('stands in its description', () => {
    const text = describeCluster(cluster({}, { cordoned: true }), [], now);
    expect(text).toMatch(/Labels: +a=1,b=2\n/);
    expect(text).toMatch(/Registered: +24h ago\n/);
    expect(text).toMatch(/Last heard: +never\n/);
    expect(text).toMatch(/\n\nWhat to do:\n {2}It is cordoned/);
    expect(text).not.toContain('Targets');
  });
});

const application = (status: Partial<Application['status']> = {}): Application =>
  ({
    apiVersion: 'flotilla.dev/v1',
    kind: 'Application',
    metadata: {
      id: 'i',
      name: 'web',
      version: 1,
      createdAt: '2026-01-01T00:00:00Z',
      updatedAt: '2026-01-01T00:00:00Z',
    },
    spec: { source: 'repo', path: 'deploy', placement: { matchLabels: { tier: 'web' } } },
    status: {
      state: 'ready',
      evaluated: true,
      release: {
        number: 3,
        commit: 'abcdef0123456789',
        revision: 'main',
        subject: 'Third',
        createdAt: '2026-01-01T12:00:00Z',
        traceId: 't',
      },
      targets: { total: 2, unknown: 0, failed: 0, drifted: 0, progressing: 0, inSync: 2 },
      pendingRemovals: 0,
      pendingDeletions: 0,
      ...status,
    },
  }) as unknown as Application;

describe('advice on an application', () => {
  const none = { total: 0, unknown: 0, failed: 0, drifted: 0, progressing: 0, inSync: 0 };
  it.each([
    [{}, undefined],
    [
      { failingSince: '2026-01-01T22:00:00Z', message: 'a.yaml:3: no kind' },
      /^It cannot be rendered for 2h: a\.yaml:3/,
    ],
    [{ release: undefined }, /^There is no release yet.*flotilla describe source repo/],
    [{ targets: none }, /^No cluster matches its placement.*flotilla application explain web/],
    [{ heldBy: 'fleet' }, /^It is held by fleet/],
    [{ pendingRemovals: 1 }, /^1 target lost the placement.*flotilla application removals list web/],
    [{ pendingDeletions: 2 }, /^Deletions on 2 targets wait.*flotilla application deletions list web/],
    [{ targets: { ...none, total: 1, unknown: 1 } }, /^1 target on clusters that are not heard/],
  ])('of state %j begins with %s', (status, message) => {
    const first = applicationAdvice(application(status), now)[0];
    if (message === undefined) expect(first).toBeUndefined();
    else expect(first).toMatch(message);
  });

  it('has a line for each thing that cannot be rendered, and says none of them twice', () => {
    const status = { failingSince: '2026-01-01T22:00:00Z', message: 'a.yaml:3: one\nb.yaml:4: two' };
    expect(applicationAdvice(application(status), now).slice(0, 2)).toEqual([
      'It cannot be rendered for 2h: a.yaml:3: one',
      '  b.yaml:4: two',
    ]);
    expect(describeApplication(application(status), [], now).match(/a\.yaml:3/g)).toHaveLength(1);
  });

  it('stands in its description, with the targets that are not well', () => {
    const wrong = {
      application: 'web',
      cluster: 'fra-1',
      region: 'eu',
      state: 'failed',
      message: 'a\u001b[31m',
    } as Target;
    const text = describeApplication(application(), [wrong], now);
    expect(text).toMatch(/Placement: +tier=web\n/);
    expect(text).toMatch(/Release: +#3, abcdef01, 12h ago\n/);
    expect(text).toContain('\nTargets that are not in sync:\n  fra-1  failed  a [31m\n');
  });
});
