import { assessHealth } from '../assess';

const created = '2026-01-01T00:00:00Z';
const createdMs = Date.parse(created);

function pod(status: object | undefined, nowMs?: number) {
  const metadata = { name: 'api-1', namespace: 'web', creationTimestamp: created };
  return assessHealth({ apiVersion: 'v1', kind: 'Pod', metadata, spec: {}, status }, nowMs);
}

const waiting = (name: string, reason: string, message?: string, lastState?: object) => {
  return { name, ready: false, state: { waiting: { reason, message } }, lastState };
};
const crashed = (exitCode: number, reason: string, message?: string) => ({ terminated: { exitCode, reason, message } });
const backOff = 'back-off 5m0s restarting failed container=app';
const notReady = {
  type: 'Ready',
  status: 'False',
  reason: 'ContainersNotReady',
  message: 'containers with unready status: [app]',
};
const unschedulable = {
  type: 'PodScheduled',
  status: 'False',
  reason: 'Unschedulable',
  message: '0/3 nodes are available: 3 Insufficient cpu.',
};

describe('the health of a Pod', () => {
  it.each<[string, object | undefined, string, string, string]>([
    ['no status', undefined, 'progressing', 'PodNotObserved', 'no phase'],
    [
      'ready',
      { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
      'healthy',
      'Current',
      'it is ready',
    ],
    ['completed', { phase: 'Succeeded' }, 'healthy', 'Succeeded', 'completed'],
    ['ended badly', { phase: 'Failed' }, 'healthy', 'Failed', 'not successfully'],
    [
      'evicted',
      { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' },
      'healthy',
      'Failed',
      'low on resource',
    ],
    [
      'ended with a code',
      { phase: 'Failed', containerStatuses: [{ name: 'app', state: crashed(137, 'OOMKilled') }] },
      'healthy',
      'Failed',
      'app exited with code 137 (OOMKilled)',
    ],
    ['lost', { phase: 'Unknown' }, 'unknown', 'UnknownPhase', 'phase is Unknown'],
    [
      'running, not ready',
      { phase: 'Running', conditions: [notReady] },
      'progressing',
      'PodNotReady',
      'unready status: [app]',
    ],
    ['running, nothing said', { phase: 'Running' }, 'progressing', 'PodNotReady', 'not ready'],
    [
      'crash loop',
      { phase: 'Running', conditions: [notReady], containerStatuses: [waiting('app', 'CrashLoopBackOff', backOff)] },
      'degraded',
      'CrashLoopBackOff',
      'container app: CrashLoopBackOff: back-off',
    ],
    [
      'crash loop with its cause',
      {
        phase: 'Running',
        containerStatuses: [waiting('app', 'CrashLoopBackOff', backOff, crashed(1, 'Error', 'no DATABASE_URL\n'))],
      },
      'degraded',
      'CrashLoopBackOff',
      'exited with code 1 (Error): no DATABASE_URL',
    ],
    [
      'two in a crash loop',
      { phase: 'Running', containerStatuses: [waiting('a', 'CrashLoopBackOff'), waiting('b', 'CrashLoopBackOff')] },
      'degraded',
      'CrashLoopBackOff',
      'containers a, b',
    ],
    [
      'ready beside a crash loop',
      {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'True' }],
        containerStatuses: [waiting('app', 'CrashLoopBackOff')],
      },
      'healthy',
      'Current',
      '',
    ],
    [
      'image cannot be pulled in a restart',
      { phase: 'Running', containerStatuses: [waiting('app', 'ErrImagePull', 'not found')] },
      'progressing',
      'ErrImagePull',
      'container app: ErrImagePull: not found',
    ],
    ['pending', { phase: 'Pending' }, 'progressing', 'PodPending', 'being started'],
    [
      'creating',
      { phase: 'Pending', containerStatuses: [waiting('app', 'ContainerCreating')] },
      'progressing',
      'PodPending',
      'being started',
    ],
    [
      'image cannot be pulled',
      {
        phase: 'Pending',
        containerStatuses: [waiting('app', 'ImagePullBackOff', 'Back-off pulling image "shop/api:2"')],
      },
      'progressing',
      'ImagePullBackOff',
      'shop/api:2',
    ],
    [
      'a Secret is missing',
      { phase: 'Pending', containerStatuses: [waiting('app', 'CreateContainerConfigError', 'secret "db" not found')] },
      'progressing',
      'CreateContainerConfigError',
      'secret "db" not found',
    ],
    [
      'init container in a crash loop',
      {
        phase: 'Pending',
        initContainerStatuses: [waiting('migrate', 'CrashLoopBackOff', backOff, crashed(2, 'Error'))],
        containerStatuses: [waiting('app', 'PodInitializing')],
      },
      'progressing',
      'CrashLoopBackOff',
      'init container migrate: CrashLoopBackOff: exited with code 2',
    ],
    [
      'unschedulable',
      { phase: 'Pending', conditions: [unschedulable] },
      'degraded',
      'Unschedulable',
      'Insufficient cpu',
    ],
    [
      'gated',
      { phase: 'Pending', conditions: [{ ...unschedulable, reason: 'SchedulingGated', message: 'blocked by gates' }] },
      'progressing',
      'SchedulingGated',
      'blocked by gates',
    ],
    [
      'scheduled',
      { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'True' }] },
      'progressing',
      'PodPending',
      '',
    ],
    [
      'malformed statuses',
      { phase: 'Running', conditions: 'none', containerStatuses: [null, 5, { state: 'x' }] },
      'progressing',
      'PodNotReady',
      '',
    ],
  ])('%s', (_, status, expected, reason, message) => {
    expect(pod(status)).toEqual({ status: expected, reason, message: expect.stringContaining(message) });
  });

  it('gives the scheduler fifteen seconds', () => {
    const status = { phase: 'Pending', conditions: [unschedulable] };
    expect(pod(status, createdMs + 14_999)).toMatchObject({ status: 'progressing', reason: 'NotScheduled' });
    expect(pod(status, createdMs + 15_000)).toMatchObject({ status: 'degraded', reason: 'Unschedulable' });
  });

  it('clips what a container writes on its way out', () => {
    const end = crashed(1, 'Error', 'x'.repeat(4_096));
    const health = pod({ phase: 'Running', containerStatuses: [waiting('app', 'CrashLoopBackOff', backOff, end)] });
    expect(health.message.length).toBeLessThan(400);
  });
});
