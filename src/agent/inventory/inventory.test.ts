import { memoryKubernetes } from '../kubernetes/memory/memory-kubernetes';
import { ensureAgentNamespace } from '../cluster/bootstrap';
import { application, configMapRef } from '../testing/fixtures';
import { Inventory, shardSizeBytes } from './inventory';
import { InventoryStore } from './store';

describe('an inventory', () => {
  const entry = (name: string, digest = 'd'.repeat(64)) => ({ ...configMapRef(name), uid: 'u'.repeat(36), digest });

  async function store() {
    const kubernetes = memoryKubernetes();
    await ensureAgentNamespace(kubernetes);
    return { kubernetes, inventories: new InventoryStore(kubernetes) };
  }

  it('is what it was when it is read again', async () => {
    const { kubernetes, inventories } = await store();
    const inventory = await inventories.load('cluster', application);
    inventory.set({ ...entry('a'), wave: 3, keep: true });
    inventory.set({ ...entry('b'), waits: true });
    inventory.pruned = [[1, 2]];
    await inventories.save(inventory);
    const again = await new InventoryStore(kubernetes).load('cluster', application);
    expect(again.entries()).toEqual(inventory.entries());
    expect(again.pruned).toEqual([[1, 2]]);
  });

  it('spreads over ConfigMaps that fit, writes only the ones that change, and moves no entry', async () => {
    const { kubernetes, inventories } = await store();
    const inventory = await inventories.load('cluster', application);
    for (let index = 0; index < 6_000; index += 1) inventory.set(entry(`${'n'.repeat(80)}${index}`));
    await inventories.save(inventory);
    const maps = kubernetes.objects().filter(({ metadata }) => metadata.name.startsWith('flotilla-inventory-'));
    expect(maps.map(({ metadata }) => metadata.name).sort()).toEqual(
      [
        `flotilla-inventory-${application}`,
        `flotilla-inventory-${application}--1`,
        `flotilla-inventory-${application}--2`,
      ].slice(0, maps.length),
    );
    expect(maps.length).toBeGreaterThan(1);
    for (const map of maps) expect(JSON.stringify(map.data).length).toBeLessThan(1_000_000);
    kubernetes.faults.resetCounters();
    inventory.set(entry(`${'n'.repeat(80)}5999`, 'e'.repeat(64)));
    inventory.delete(`/ConfigMap/web/${'n'.repeat(80)}5998`);
    await inventories.save(inventory);
    expect(kubernetes.faults.counters().changes.replace).toBe(1);
    const again = await new InventoryStore(kubernetes).load('cluster', application);
    expect(again.size).toBe(5_999);
    await inventories.remove(inventory);
    expect((await inventories.load('cluster', application)).size).toBe(0);
  });

  it('loses a race to another writer rather than its words', async () => {
    const { kubernetes, inventories } = await store();
    const ours = await inventories.load('cluster', application);
    ours.set(entry('a'));
    await inventories.save(ours);
    const other = new InventoryStore(kubernetes);
    const theirs = await other.load('cluster', application);
    theirs.set(entry('b'));
    await other.save(theirs);
    ours.set(entry('c'));
    await expect(inventories.save(ours)).rejects.toMatchObject({ errorClass: 'conflict' });
    const again = await inventories.load('cluster', application);
    expect(again.entries().map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('is none at all when a part of it cannot be read', async () => {
    const { kubernetes, inventories } = await store();
    const inventory = await inventories.load('cluster', application);
    inventory.set(entry('a'));
    await inventories.save(inventory);
    kubernetes.edit(configMapRef(`flotilla-inventory-${application}`, 'flotilla-system'), 'somebody', (map) => {
      (map.data as Record<string, string>).entries = '[["", "v1"';
    });
    await expect(inventories.load('cluster', application)).rejects.toThrow(
      'cannot be read; nothing of its application',
    );
  });

  it('counts an upper bound of what it writes', () => {
    const inventory = new Inventory(application, 'cluster');
    for (let index = 0; index < 10_000; index += 1) inventory.set(entry(`name-${index}`));
    for (const shard of inventory.shards())
      expect(JSON.stringify(shard.entries.map(Object.values)).length).toBeLessThan(shardSizeBytes);
  });
});
