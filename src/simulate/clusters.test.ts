import { clustersPerBlock, partsOf, simulatedClusters } from './clusters';

const shape = { clusters: 10, regions: 3, prefix: 'sim', labels: { tier: 'web' } };

test('names and regions stay the same when the fleet grows', () => {
  const small = simulatedClusters(shape);
  expect(simulatedClusters({ ...shape, clusters: 2_000 }).slice(0, 10)).toEqual(small);
  expect(small[4]).toEqual({
    index: 4,
    name: 'sim-00005',
    region: 'region-2',
    labels: { tier: 'web', 'flotilla.dev/simulated': 'true' },
  });
});

test.each([
  [10_000, 4],
  [10_000, 7],
  [60, 2],
  [60, 8],
  [1, 1],
])('parts of %i clusters in %i processes are whole blocks that cover all of them once', (clusters, processes) => {
  const parts = partsOf(clusters, processes);
  expect(parts[0]?.from).toBe(0);
  expect(parts.at(-1)?.to).toBe(clusters);
  for (const [index, { from, to }] of parts.entries()) {
    expect(to).toBeGreaterThan(from);
    expect(from % clustersPerBlock).toBe(0);
    if (index > 0) expect(from).toBe(parts[index - 1]?.to);
  }
});
