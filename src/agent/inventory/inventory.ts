import { objectKey } from '#libs/kubernetes/object';
import { type Entry, entrySizeBytes, type PrunedRecently, type Shard } from './format';

/** A ConfigMap holds a megabyte, its own metadata included. */
export const shardSizeBytes = 900 * 1_024;

/**
 * What a target has applied on this cluster: an explicit list, spread over as many ConfigMaps as it takes. An entry stays
 * in its shard for life, so no crash between two writes can lose one that was moving.
 */
export class Inventory {
  private readonly byKey = new Map<string, { entry: Entry; shard: number }>();
  private readonly sizes: number[] = [];
  pruned: PrunedRecently = [];

  constructor(
    readonly application: string,
    readonly scope: string,
    private readonly limitBytes = shardSizeBytes,
  ) {}

  /** Takes in a shard as it was read. */
  add(shard: Shard, index: number): void {
    for (const entry of shard.entries) this.place(entry, index);
    if (index === 0) this.pruned = shard.pruned;
  }

  get(key: string): Entry | undefined {
    return this.byKey.get(key)?.entry;
  }

  entries(): Entry[] {
    return [...this.byKey.values()].map(({ entry }) => entry);
  }

  get size(): number {
    return this.byKey.size;
  }

  set(entry: Entry): void {
    const key = objectKey(entry);
    const held = this.byKey.get(key);
    if (held === undefined) return this.place(entry, this.shardWithRoom(entrySizeBytes(entry)));
    held.entry = entry;
  }

  delete(key: string): void {
    const held = this.byKey.get(key);
    if (held === undefined) return;
    this.byKey.delete(key);
    this.sizes[held.shard]! -= entrySizeBytes(held.entry);
  }

  /** At least one, so that an empty inventory is a fact and not a gap. */
  shards(): Shard[] {
    const shards: Shard[] = Array.from({ length: Math.max(1, this.sizes.length) }, (_, index) => ({
      application: this.application,
      scope: this.scope,
      entries: [],
      pruned: index === 0 ? this.pruned : [],
    }));
    for (const { entry, shard } of this.byKey.values()) shards[shard]!.entries.push(entry);
    return shards;
  }

  private place(entry: Entry, shard: number): void {
    while (this.sizes.length <= shard) this.sizes.push(0);
    this.sizes[shard]! += entrySizeBytes(entry);
    this.byKey.set(objectKey(entry), { entry, shard });
  }

  private shardWithRoom(sizeBytes: number): number {
    const found = this.sizes.findIndex((used) => used + sizeBytes <= this.limitBytes);
    return found >= 0 ? found : this.sizes.length;
  }
}
