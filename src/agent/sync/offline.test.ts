import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HubError } from '../hub/port';
import {
  application,
  configMap,
  configMapRef,
  eventually,
  quiet,
  webNamespace,
  world,
  type World,
} from '../testing/fixtures';

const away = new HubError('unreachable', 'the hub is away');

describe('without the hub', () => {
  let w: World;
  let dataFolder: string;
  beforeEach(() => {
    w = world();
    dataFolder = mkdtempSync(join(tmpdir(), 'flotilla-agent-'));
  });
  afterEach(async () => {
    await w.end();
    rmSync(dataFolder, { recursive: true, force: true });
  });

  const objects = [webNamespace, configMap('a'), configMap('b')];
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'password', namespace: 'web' },
    data: { password: Buffer.from('tr0ub4dor&3').toString('base64') },
  };
  const isThere = (name: string): boolean => w.kubernetes.peek(configMapRef(name)) !== undefined;

  async function applied(sensitive: (typeof secret)[] = []) {
    w.hub.release({ [application]: { objects, sensitive } });
    const agent = await w.start({ dataFolder });
    await eventually('applied', () => w.hub.said(application)?.phase === 'applied');
    return agent;
  }

  it('keeps what it has, and goes on healing it', async () => {
    const agent = await applied();
    w.hub.fail(away);
    await eventually('trouble', () => agent.state().trouble === 'the hub is away');
    w.kubernetes.remove(configMapRef('a'));
    await agent.compareNow();
    expect(isThere('a')).toBe(true);
  });

  it('goes on after a restart from what is on disk, verified again', async () => {
    await (await applied()).stop();
    w.kubernetes.remove(configMapRef('a'));
    w.hub.fail(away);
    const agent = await w.start({ dataFolder });
    await eventually('healed', () => isThere('a'));
    expect(agent.state().root).toEqual({ epoch: 1, generation: 1 });
    // The hub is back, and finds that nothing has to be sent.
    const answered = w.hub.answers.length;
    w.hub.fail(undefined);
    await eventually('sync', () => w.hub.answers.length > answered);
    expect(w.hub.answers.at(-1)?.root).toBeUndefined();
  });

  it('believes no file that was changed', async () => {
    await (await applied()).stop();
    const folder = join(dataFolder, 'desired', 'nodes');
    const file = readdirSync(folder).find((name) => readFileSync(join(folder, name), 'utf8').includes('"name":"a"'))!;
    const { writeFileSync } = await import('node:fs');
    writeFileSync(join(folder, file), readFileSync(join(folder, file), 'utf8').replace('"value"', '"evil"'));
    w.kubernetes.remove(configMapRef('a'));
    w.hub.fail(away);
    const agent = await w.start({ dataFolder });
    await eventually('settled', () => agent.state().trouble !== undefined);
    await quiet();
    expect(isThere('a')).toBe(false);
    w.hub.fail(undefined);
    await eventually('healed by the hub', () => isThere('a'));
    expect(w.kubernetes.peek(configMapRef('a'))?.data).toEqual({ key: 'value' });
  });

  it('does nothing under a root that has expired, but says so', async () => {
    const agent = await applied();
    w.hub.fail(away);
    w.runtime.offsetMs = 2 * 86_400_000;
    w.kubernetes.remove(configMapRef('a'));
    await agent.compareNow();
    expect(isThere('a')).toBe(false);
    expect(agent.state().trouble).toContain('expired');
    expect(agent.state().targets[0]?.drifted).toBe(1);
    await agent.stop();
    const next = await w.start({ dataFolder });
    await next.compareNow();
    expect(isThere('a')).toBe(false);
    expect(next.state().trouble).toBeDefined();
  });

  it('remembers a halt over a restart', async () => {
    const agent = await applied();
    w.hub.halt({ cluster: true, applications: [] });
    await eventually('hold', () => agent.state().hold.cluster);
    await agent.stop();
    w.kubernetes.remove(configMapRef('a'));
    w.hub.fail(away);
    const next = await w.start({ dataFolder });
    await eventually('looked', () => next.state().targets[0]?.drifted === 1);
    expect(isThere('a')).toBe(false);
  });

  it('never writes a sensitive object to disk, and gets it again from the hub', async () => {
    const agent = await applied([secret]);
    await agent.stop();
    const texts = filesBelow(dataFolder).map((file) => readFileSync(file, 'utf8'));
    expect(texts.length).toBeGreaterThan(3);
    for (const text of texts) expect(text).not.toContain(secret.data.password);
    w.hub.fail(away);
    const next = await w.start({ dataFolder });
    await eventually('settled', () => next.state().trouble !== undefined);
    // One of its nodes is missing: the application is left alone, and nothing of it is taken for gone.
    expect(next.state().targets).toEqual([]);
    w.hub.fail(undefined);
    await eventually('whole again', () => next.state().targets[0]?.phase === 'applied');
    const answer = w.hub.answers.findLast(({ root }) => root !== undefined)!;
    expect(Object.values(answer.nodes).map((node) => (node as { kind: string }).kind)).toContain('object');
  });

  it('deletes nothing when it comes back', async () => {
    const agent = await applied();
    await agent.stop();
    w.hub.fail(away);
    const lone = await w.start();
    await eventually('settled', () => lone.state().trouble !== undefined);
    await lone.compareNow();
    w.hub.fail(undefined);
    await eventually('applied', () => lone.state().targets[0]?.phase === 'applied');
    expect(['a', 'b'].every(isThere)).toBe(true);
  });

  it('drops from disk what is not needed any more', async () => {
    await applied();
    const before = readdirSync(join(dataFolder, 'desired', 'nodes')).length;
    w.hub.release({ [application]: { objects: [webNamespace, configMap('a', { key: 'new' }), configMap('b')] } });
    await eventually(
      'second',
      () => w.hub.said(application)?.generation === 2 && w.hub.said(application)?.phase === 'applied',
    );
    w.hub.release({ [application]: { objects: [webNamespace, configMap('a', { key: 'newer' }), configMap('b')] } });
    await eventually(
      'third',
      () => w.hub.said(application)?.generation === 3 && w.hub.said(application)?.phase === 'applied',
    );
    // One more than at first: the object that was applied before this release, for which fields were ours.
    expect(readdirSync(join(dataFolder, 'desired', 'nodes')).length).toBeLessThanOrEqual(before + 1);
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
