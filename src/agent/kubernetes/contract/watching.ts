import type { KindReference, WatchEvent } from '../port';
import { type ContractWorld, errorOf, eventually } from './world';

const configMaps: KindReference = { group: '', version: 'v1', kind: 'ConfigMap' };

/** Heads and watches, by label. */
export function describeWatching(world: () => ContractWorld): void {
  let end: AbortController;
  beforeEach(() => (end = new AbortController()));
  afterEach(() => end.abort());

  /** What is told after a resource version of objects whose label `watched` is the namespace's name. */
  async function watched(resourceVersion?: string) {
    const { api, namespace } = world();
    const labelSelector = `watched=${namespace}`;
    const from = resourceVersion ?? (await api.heads(configMaps, { labelSelector })).resourceVersion;
    const told: string[] = [];
    const onEvent = (event: WatchEvent): void => {
      if (event.type !== 'bookmark') told.push(`${event.type} ${event.head.metadata.name}`);
    };
    const options = { labelSelector, resourceVersion: from, signal: end.signal };
    const ended = api.watch(configMaps, options, onEvent);
    return { from, told, ended };
  }
  const labelled = (name: string, data?: Record<string, string>) =>
    world().configMap(name, data, { labels: { watched: world().namespace } });

  test('heads are the metadata of what fits, and nothing of what is in it', async () => {
    const { api, configMap, namespace } = world();
    const made = await api.create(labelled('a', { secret: 'content' }));
    await api.create(configMap.call(world(), 'other'));
    const { heads, resourceVersion } = await api.heads(configMaps, { labelSelector: `watched=${namespace}` });
    expect(heads).toHaveLength(1);
    const { uid, resourceVersion: version } = made.metadata;
    expect(heads[0]?.metadata).toMatchObject({ name: 'a', namespace, uid, resourceVersion: version });
    expect(JSON.stringify(heads)).not.toContain('content');
    expect(Number(resourceVersion)).toBeGreaterThanOrEqual(Number(version));
  });

  test('a watch tells what is made, changed and deleted, and resolves when it is ended', async () => {
    const { api } = world();
    const { told, ended } = await watched();
    const made = await api.create(labelled('a', { value: '1' }));
    await api.create(world().configMap('unseen'));
    await world().apply('somebody', labelled('a', { value: '2' }), true);
    await api.delete(world().ref('ConfigMap', 'a'), { uid: made.metadata.uid ?? '' });
    await eventually(async () => told.length >= 3);
    expect(told).toEqual(['added a', 'modified a', 'deleted a']);
    end.abort();
    await ended;
  });

  test('an object that loses its label is told as deleted, and one that gains it as added', async () => {
    const { api } = world();
    const { told } = await watched();
    const made = await api.create(labelled('a'));
    const bare = await api.replace({ ...made, metadata: { ...made.metadata, labels: {} } });
    await api.replace({ ...bare, metadata: { ...bare.metadata, labels: made.metadata.labels } });
    await eventually(async () => told.length >= 3);
    expect(told).toEqual(['added a', 'deleted a', 'added a']);
  });

  test('a watch that goes on misses nothing and repeats nothing', async () => {
    const { api } = world();
    const first = await watched();
    await api.create(labelled('a'));
    await eventually(async () => first.told.length >= 1);
    end.abort();
    await first.ended;
    const { heads, resourceVersion } = await api.heads(configMaps, { labelSelector: `watched=${world().namespace}` });
    expect(heads).toHaveLength(1);
    await api.create(labelled('b'));
    end = new AbortController();
    const second = await watched(resourceVersion);
    await api.create(labelled('c'));
    await eventually(async () => second.told.length >= 2);
    expect(second.told).toEqual(['added b', 'added c']);
  });

  test('a kind that is not served cannot be watched', async () => {
    const { api } = world();
    const nothing = { group: 'example.org', version: 'v1', kind: 'Nothing' };
    expect((await errorOf(api.heads(nothing))).errorClass).toBe('notFound');
    const options = { resourceVersion: '1', signal: end.signal };
    expect((await errorOf(api.watch(nothing, options, () => undefined))).errorClass).toBe('notFound');
  });
}
