import type { KubernetesObject } from '#libs/kubernetes/object';
import { configDataOf, configMapReference } from '../cluster/config-map';
import { AgentError } from '../errors';
import { type KubernetesApi, KubernetesError } from '../kubernetes/port';
import { agentNamespace, inventoryLabel, inventoryPrefix, ownFieldManager, ownLabels } from '../names';
import { decodeShard, encodeShard, type Shard } from './format';
import { Inventory } from './inventory';

const writing = { fieldManager: ownFieldManager };

/** What is known of one ConfigMap: what a compare-and-swap compares with. */
interface Written {
  object: KubernetesObject;
  text: string;
}

/** Names one inventory: an application of the cluster's own scope by its id alone, of a tenant with the tenant's name. */
export function targetIdOf(scope: string, application: string): string {
  return scope === 'cluster' ? application : `${application}.${scope}`;
}

/** Inventories in ConfigMaps. A lost race throws `KubernetesError` of class `conflict`: load again, then decide again. */
export class InventoryStore {
  private readonly written = new Map<string, Written>();

  constructor(private readonly kubernetes: KubernetesApi) {}

  /** As it is in the cluster now; empty when there is none. Throws AgentError for one that cannot be read. */
  async load(scope: string, application: string): Promise<Inventory> {
    const target = targetIdOf(scope, application);
    const shards: KubernetesObject[] = [];
    for (let index = 0; ; index += 1) {
      const object = await this.kubernetes.get(configMapReference(nameOf(target, index)));
      if (object === undefined) break;
      shards.push(object);
    }
    for (const name of [...this.written.keys()]) if (placeOf(name).target === target) this.written.delete(name);
    if (shards.length === 0) return new Inventory(application, scope);
    return this.assemble(target, shards);
  }

  /** Writes the shards that have changed. */
  async save(inventory: Inventory): Promise<void> {
    const target = targetIdOf(inventory.scope, inventory.application);
    for (const [index, shard] of inventory.shards().entries()) await this.saveShard(nameOf(target, index), shard);
  }

  /** Ends an inventory, the first shard last, so that a half-removed one is still found. */
  async remove(inventory: Inventory): Promise<void> {
    const target = targetIdOf(inventory.scope, inventory.application);
    const names = inventory.shards().map((_, index) => nameOf(target, index));
    for (const name of names.reverse()) {
      const reference = configMapReference(name);
      const uid = (this.written.get(name)?.object ?? (await this.kubernetes.get(reference)))?.metadata.uid;
      if (uid !== undefined) await this.kubernetes.delete(reference, { uid, ...writing });
      this.written.delete(name);
    }
  }

  private async saveShard(name: string, shard: Shard): Promise<void> {
    const data = encodeShard(shard);
    const text = JSON.stringify(data);
    const before = this.written.get(name);
    if (before?.text === text) return;
    const object =
      before === undefined
        ? await this.create(name, data)
        : await this.kubernetes.replace({ ...before.object, data }, writing);
    this.written.set(name, { object, text });
  }

  private async create(name: string, data: Record<string, string>): Promise<KubernetesObject> {
    const labels = { ...ownLabels, [inventoryLabel]: 'true' };
    const metadata = { name, namespace: agentNamespace, labels };
    try {
      return await this.kubernetes.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }, writing);
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.errorClass !== 'alreadyExists') throw error;
      throw new KubernetesError('conflict', `ConfigMap ${name} was made by another agent meanwhile`, { cause: error });
    }
  }

  private assemble(target: string, objects: KubernetesObject[]): Inventory {
    const shards = new Map<number, Shard>();
    for (const object of objects) {
      const { name } = object.metadata;
      const data = configDataOf(object);
      const shard = decodeShard(data);
      if (shard === undefined || targetIdOf(shard.scope, shard.application) !== target) throw damaged(name);
      shards.set(placeOf(name).index, shard);
      this.written.set(name, { object, text: JSON.stringify(encodeShard(shard)) });
    }
    const first = shards.get(0);
    if (first === undefined) throw damaged(nameOf(target, 0));
    const inventory = new Inventory(first.application, first.scope);
    for (const [index, shard] of [...shards].sort(([a], [b]) => a - b)) inventory.add(shard, index);
    return inventory;
  }
}

function damaged(name: string): AgentError {
  return new AgentError(
    `ConfigMap ${agentNamespace}/${name} cannot be read; nothing of its application is applied or deleted. Restore it, ` +
      'or delete it: then what is there is taken over again, and nothing older is ever deleted',
  );
}

function nameOf(target: string, index: number): string {
  return `${inventoryPrefix}${target}${index === 0 ? '' : `--${index}`}`;
}

function placeOf(name: string): { target: string; index: number } {
  const rest = name.slice(inventoryPrefix.length);
  const shard = /--(\d+)$/.exec(rest);
  return shard === null ? { target: rest, index: 0 } : { target: rest.slice(0, shard.index), index: Number(shard[1]) };
}
