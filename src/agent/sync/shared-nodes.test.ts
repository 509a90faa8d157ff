import type { Digest } from '#libs/protocol/digest';
import { encodeNode, type Node } from '#libs/protocol/nodes';
import type { Root } from '#libs/protocol/root';
import { collectNodes } from './collect';
import { NodeStore } from './node-store';
import { WeaklySharedNodes } from './shared-nodes';

const object: Node = {
  format: 1,
  kind: 'object',
  object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
};
const bundle: Node = {
  format: 1,
  kind: 'bundle',
  policy: { prune: true, pruneLimits: { maxObjects: 1, maxPercent: 1 }, drift: 'report', conflicts: 'fail' },
  objects: [encodeNode(object).digest],
};
const scope: Node = {
  format: 1,
  kind: 'scope',
  name: 'cluster',
  serviceAccount: null,
  applications: { a: { name: 'a', bundle: encodeNode(bundle).digest } },
};
const all = [object, bundle, scope];
const root = { scopes: { cluster: encodeNode(scope).digest } } as unknown as Root;

/** As an answer brings them: new values each time. */
const answered = () => Object.fromEntries(all.map((node) => [encodeNode(node).digest, structuredClone(node)]));
const noFetch = () => Promise.reject(new Error('nothing is missing'));

async function collect(shared: WeaklySharedNodes, nodes: Record<string, unknown>): Promise<Map<Digest, Node>> {
  const collected = await collectNodes(root, { held: new NodeStore(), shared, nodes, bundles: [], fetch: noFetch });
  if (!collected.ok) throw new Error(collected.message);
  return collected.nodes;
}

test('two agents with one bundle have its nodes once in memory', async () => {
  const shared = new WeaklySharedNodes();
  const first = await collect(shared, answered());
  const second = await collect(shared, answered());
  expect(second.size).toBe(3);
  for (const [digest, node] of second) expect(first.get(digest)).toBe(node);
  expect(shared.size).toBe(3);
});

test('what was not verified is not shared', async () => {
  const shared = new WeaklySharedNodes();
  const nodes = { ...answered(), [encodeNode(object).digest]: { ...object, salt: 'another' } };
  const collected = await collectNodes(root, { held: new NodeStore(), shared, nodes, bundles: [], fetch: noFetch });
  expect(collected.ok).toBe(false);
  expect(shared.get(encodeNode(object).digest)).toBeUndefined();
});
