import { sharePartitions } from './partitions';

const sizes = (shares: Map<string, unknown[]>): Record<string, number> =>
  Object.fromEntries([...shares].map(([id, share]) => [id, share.length]));

describe('sharePartitions', () => {
  it('gives every partition to exactly one member, evenly over all topics', () => {
    const members = ['c', 'a', 'b'].map((id) => ({ id, topics: ['t', 'u', 'v'] }));
    const shares = sharePartitions(members, ['t', 'u', 'v'].map((name) => ({ name, partitions: 4 }))); // prettier-ignore
    expect(sizes(shares)).toEqual({ a: 4, b: 4, c: 4 });
    expect(new Set([...shares.values()].flat().map((p) => JSON.stringify(p))).size).toBe(12);
  });

  it('depends on the sets, not on their order', () => {
    const members = ['a', 'b'].map((id) => ({ id, topics: ['t', 'u'] }));
    const topics = ['t', 'u'].map((name) => ({ name, partitions: 3 }));
    expect(sharePartitions([...members].reverse(), [...topics].reverse())).toEqual(sharePartitions(members, topics));
  });

  it('gives a topic only to members that read it', () => {
    const shares = sharePartitions(
      [
        { id: 'a', topics: ['t'] },
        { id: 'b', topics: ['t', 'u'] },
      ],
      [
        { name: 't', partitions: 2 },
        { name: 'u', partitions: 2 },
        { name: 'nobody', partitions: 2 },
      ],
    );
    expect(shares.get('a')!.every(({ topic }) => topic === 't')).toBe(true);
    expect([...shares.values()].flat()).toHaveLength(4);
  });
});
