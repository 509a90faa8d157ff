import type { KubernetesObject } from '#libs/kubernetes/object';
import { application, configMap, configMapRef, eventually, webNamespace, world, type World } from '../testing/fixtures';

describe('fields of other managers', () => {
  let w: World;
  beforeEach(async () => {
    w = world();
    await w.kubernetes.create(webNamespace);
  });
  afterEach(() => w.end());

  const live = (): KubernetesObject => w.kubernetes.peek(configMapRef('a'))!;
  const value = (): unknown => (live().data as Record<string, string>).key;

  async function theirs(manager: string, data: Record<string, string>): Promise<void> {
    await w.kubernetes.create(configMap('a', data), { fieldManager: manager });
  }

  it('are reported by the name of their manager at the first apply', async () => {
    await theirs('helm', { key: 'theirs' });
    w.hub.release({ [application]: { objects: [configMap('a'), configMap('b')] } });
    await w.start();
    await eventually('failed', () => w.hub.said(application)?.phase === 'failed');
    expect(w.hub.said(application)).toMatchObject({ objects: { total: 2, applied: 1, failed: 1 } });
    const [error] = w.hub.said(application)!.errors;
    expect(error?.object).toBe('/ConfigMap/web/a');
    expect(error?.message).toMatch(/helm.* owns \.data\.key: take the fields out/);
    expect(value()).toBe('theirs');
  });

  it('are taken where the policy is force', async () => {
    await theirs('helm', { key: 'theirs' });
    w.hub.release({ [application]: { objects: [configMap('a')], policy: { conflicts: 'force' } } });
    await w.start();
    await eventually('applied', () => w.hub.said(application)?.phase === 'applied');
    expect(value()).toBe('value');
  });

  it('are taken back when they were ours, also after a restart', async () => {
    w.hub.release({ [application]: { objects: [configMap('a')], policy: { drift: 'report' } } });
    await w.start();
    await eventually('applied', () => w.hub.said(application)?.phase === 'applied');
    w.kubernetes.edit(configMapRef('a'), 'somebody', (object) => {
      (object.data as Record<string, string>).key = 'theirs';
    });
    w.hub.release({ [application]: { objects: [configMap('a', { key: 'second' })], policy: { drift: 'report' } } });
    await eventually('second release', () => value() === 'second');
  });

  it('are adopted from client-side apply, and what has left the manifest goes', async () => {
    await theirs('kubectl-client-side-apply', { key: 'old', left: 'behind' });
    w.hub.release({ [application]: { objects: [configMap('a')] } });
    await w.start();
    await eventually('applied', () => w.hub.said(application)?.phase === 'applied');
    expect(live().data).toEqual({ key: 'value' });
    expect(live().metadata.managedFields?.map(({ manager, operation }) => [manager, operation])).toEqual([
      ['flotilla', 'Apply'],
    ]);
  });
});
