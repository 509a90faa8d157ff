import { waitingOn } from './approvals';

describe('deletions to approve', () => {
  const sets = [
    { clusters: ['a', 'b'], objects: ['/ConfigMap/x/one', '/ConfigMap/x/two'] },
    { clusters: ['c'], objects: ['/ConfigMap/x/one', '/ConfigMap/x/three'] },
  ];

  it('are what waits on the clusters that are named, set by set', () => {
    expect(waitingOn(sets, ['b', 'c'], undefined)).toEqual([
      { clusters: ['b'], objects: ['/ConfigMap/x/one', '/ConfigMap/x/two'] },
      { clusters: ['c'], objects: ['/ConfigMap/x/one', '/ConfigMap/x/three'] },
    ]);
  });

  it('are only the objects that are named', () => {
    expect(waitingOn(sets, ['a', 'c'], ['/ConfigMap/x/three'])).toEqual([
      { clusters: ['c'], objects: ['/ConfigMap/x/three'] },
    ]);
    expect(waitingOn(sets, ['d'], undefined)).toEqual([]);
  });
});
