import { assessHealth } from './assess';

const since = '2026-01-01T00:00:00Z';
const sinceMs = Date.parse(since);

function terminating(kind: string, finalizers?: string[], status?: object, nowMs?: number) {
  return assessHealth(
    { apiVersion: 'v1', kind, metadata: { name: 'x', deletionTimestamp: since, finalizers }, status },
    nowMs,
  );
}

describe('the health of what is being deleted', () => {
  it('is progressing while nothing holds it', () => {
    expect(terminating('ConfigMap')).toMatchObject({ status: 'progressing', message: `being deleted since ${since}` });
    expect(terminating('ConfigMap', [])).toMatchObject({ status: 'progressing', reason: 'Terminating' });
  });

  it('is progressing while the garbage collector works', () => {
    expect(terminating('Pod', ['foregroundDeletion'])).toMatchObject({ status: 'progressing' });
  });

  it('is degraded when finalizers hold it, and names them', () => {
    const health = terminating('ConfigMap', ['foregroundDeletion', 'example.com/cleanup']);
    expect(health).toMatchObject({ status: 'degraded', reason: 'HeldByFinalizers' });
    expect(health.message).toContain('held by the finalizer example.com/cleanup');
  });

  it('gives finalizers a minute', () => {
    const finalizers = ['example.com/a', 'example.com/b'];
    expect(terminating('ConfigMap', finalizers, undefined, sinceMs + 59_999)).toMatchObject({
      status: 'progressing',
      message: expect.stringContaining('waits for the finalizers example.com/a, example.com/b'),
    });
    expect(terminating('ConfigMap', finalizers, undefined, sinceMs + 60_000)).toMatchObject({ status: 'degraded' });
  });

  it('comes before everything else that the object says', () => {
    const conditions = [{ type: 'Ready', status: 'True' }];
    expect(terminating('Pod', [], { phase: 'Running', conditions })).toMatchObject({ status: 'progressing' });
  });

  it('says what is left in a namespace', () => {
    const message = 'Some resources are remaining: widgets.example.com has 2 resource instances';
    const conditions = [
      { type: 'NamespaceContentRemaining', status: 'True', reason: 'SomeResourcesRemain', message },
      { type: 'NamespaceDeletionDiscoveryFailure', status: 'False', reason: 'ResourcesDiscovered', message: 'fine' },
    ];
    const health = terminating('Namespace', undefined, { phase: 'Terminating', conditions });
    expect(health).toMatchObject({
      status: 'progressing',
      message: expect.stringContaining('widgets.example.com has 2'),
    });
    expect(health.message).not.toContain('fine');
  });

  it('shows a terminating namespace by its phase too, and an active one as healthy', () => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' } };
    expect(assessHealth({ ...namespace, status: { phase: 'Terminating' } }).status).toBe('progressing');
    expect(assessHealth({ ...namespace, status: { phase: 'Active' } }).status).toBe('healthy');
    expect(assessHealth(namespace).status).toBe('healthy');
  });
});
