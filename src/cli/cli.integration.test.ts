import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SimulatedFleet } from '#src/hub/applications/testing/simulated-fleet';
import { eventually } from '#test/harness/eventually';
import { makeRepository, type TestRepository } from '#test/harness/git';
import { startTestHub, type TestHub } from '#test/harness/hub';
import { readContexts } from './contexts';
import { runCli } from './run';
import { memoryIo, type MemoryIoOptions } from './testing/memory-io';

let folder: string;
let hub: TestHub;
let fleet: SimulatedFleet;
let repository: TestRepository;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'flotilla-cli-'));
  hub = await startTestHub({ sources: { allowLocalPaths: true } });
  fleet = new SimulatedFleet(hub);
  repository = await makeRepository(path.join(folder, 'repository'));
  await repository.commit({ 'deploy/config.yaml': configMap('1') }, 'First');
});
afterAll(async () => {
  await hub?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const configMap = (value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web, namespace: web }\ndata: { value: "${value}" }\n`;
const home = () => ({ FLOTILLA_HOME: path.join(folder, 'home') });

async function run(command: string | string[], options: MemoryIoOptions = {}) {
  const io = memoryIo({
    cwd: folder,
    fetch: (request) => fetch(request),
    ...options,
    env: { ...home(), ...options.env },
  });
  const argv = typeof command === 'string' ? command.split(' ') : command;
  const code = await runCli(argv, io);
  return { code, ...io.taken(), io };
}

async function succeed(command: string | string[], options?: MemoryIoOptions): Promise<string> {
  const { code, out, err } = await run(command, options);
  if (code !== 0) throw new Error(`exit code ${code}: ${err}${out}`);
  return out;
}

const declared = () => `
apiVersion: flotilla.dev/v1
kind: Application
metadata: { name: web }
spec: { source: web, path: deploy, placement: { matchLabels: { tier: web } } }
---
apiVersion: flotilla.dev/v1
kind: Source
metadata: { name: web }
spec: { url: ${repository.folder}, pollSeconds: 3600 }
`;

it('logs in with a token from standard input, and only when the hub takes it', async () => {
  const wrong = await run(`login ${hub.url} --token-stdin`, { stdin: 'flt_wrong\n' });
  expect(wrong).toMatchObject({ code: 6, out: '' });
  expect(wrong.err).toMatch(/^error: .*\nhint: log in again/);
  expect(readContexts({ env: home(), home: folder }).contexts).toEqual({});

  const out = await succeed(`login ${hub.url} --token-stdin --context test`, { stdin: `${hub.adminToken}\n` });
  expect(out).toBe(`Logged in to ${hub.url} as admin (admin). The context is "test".\n`);
  expect(await succeed('context list')).toContain(`*        test  ${hub.url}\n`);
  expect(await succeed('context show')).toMatch(/Role:\s+admin/);
});

it('applies a folder: everything is checked first, sources go before applications, and again changes nothing', async () => {
  await fleet.add('fra-1', { region: 'eu', labels: { tier: 'web' } });
  await fleet.add('fra-2', { region: 'eu' });
  const file = path.join(folder, 'fleet.yaml');
  writeFileSync(
    file,
    `${declared()}---\napiVersion: flotilla.dev/v1\nkind: Cluster\nmetadata: { name: us-1 }\nspec: { regoin: us }\n`,
  );
  const wrong = await run('apply -f fleet.yaml');
  expect(wrong).toMatchObject({ code: 1, out: '' });
  expect(wrong.err).toMatch(/nothing was changed/);
  expect(wrong.err).toMatch(/fleet\.yaml:15: spec\.regoin: .*did you mean "region"\?/);

  writeFileSync(file, declared());
  expect(await succeed('apply -f fleet.yaml --dry-run')).toBe(
    'source/web created (dry run)\napplication/web created (dry run)\n',
  );
  expect(await succeed('get sources -o name')).toBe('');
  expect(await succeed('apply -f fleet.yaml')).toBe('source/web created\napplication/web created\n');
  expect(await succeed('apply -f fleet.yaml')).toBe('source/web unchanged\napplication/web unchanged\n');
  writeFileSync(file, declared().replace('3600', '1800'));
  expect(await succeed(['apply', '-f', folder])).toBe('source/web configured\napplication/web unchanged\n');

  const missing = await run('apply -f -', { stdin: declared().split('---')[0]!.replace('source: web', 'source: wbe') });
  expect(missing).toMatchObject({ code: 1, out: '' });
  expect(missing.err).toContain('standard input:2: application/web names source "wbe", which is not there');
});

it('prints what can be applied again', async () => {
  const printed = (await succeed('get sources -o yaml')) + (await succeed('get applications -o yaml'));
  expect(await succeed('apply -f -', { stdin: printed })).toBe('source/web unchanged\napplication/web unchanged\n');
  expect(JSON.parse(await succeed('get app web -o json'))).toMatchObject({
    kind: 'Application',
    spec: { source: 'web' },
  });
});

it('tells the state of the fleet, and in the exit code when asked', async () => {
  await fleet.carried('web', 'fra-1');
  expect(JSON.parse(await succeed('status -o json'))).toEqual({
    clusters: { total: 2, online: 2, pending: 0, unknown: 0 },
    targets: { total: 1, unknown: 0, failed: 0, drifted: 0, progressing: 1, inSync: 0 },
  });
  expect((await run('status --exit-code')).code).toBe(3);

  await fleet.tell('web', 'fra-1', { health: { status: 'degraded', message: 'it crashes' } });
  const failed = await run('status --exit-code');
  expect(failed.code).toBe(4);
  expect(failed.out).toMatch(/Clusters {2}2 of 2 online/);
  expect(failed.out).toMatch(/web +eu +1 +0 +0 +0 +1 +0\n/);
  expect(failed.out).toMatch(/web on fra-1 +failed .*it crashes/);
  expect(await succeed('status --by application')).toMatch(/web +1 +0 +0 +0 +1 +0\n/);
  const described = await succeed('describe application web');
  expect(described).toContain('1 target failed');
  expect(described).toMatch(/fra-1 +failed +.*it crashes/);

  await fleet.tell('web', 'fra-1');
  expect((await run('status --exit-code')).code).toBe(0);
  expect(await succeed('get targets')).toMatch(/^APPLICATION +CLUSTER .*\nweb +fra-1 +eu +inSync/);
});

it('explains, lists releases and shows a target', async () => {
  const explained = await succeed('application explain web');
  expect(explained).toMatch(/fra-1 +eu +yes +inSync +matches tier=web/);
  expect(explained).toMatch(/fra-2 +eu +no +- +.*tier/);
  expect(await succeed('application releases web')).toMatch(/#1 +[0-9a-f]{8} +main .*First/);
  expect(await succeed('application targets web fra-1')).toMatch(/State: +inSync/);
  expect(await succeed('application targets web --state failed -o name')).toBe('');
  expect(await succeed('describe cluster/fra-1')).toMatch(/Targets:\n {2}web {2}inSync/);
});

it('shows what would change, waits for a sync, and halts and resumes', async () => {
  expect(await succeed(['halt', '--application', 'web', '--reason', 'an incident'])).toBe(
    'application/web held; to go on: flotilla resume --application web\n',
  );
  expect(await succeed('get holds')).toMatch(/application\/web .*an incident/);
  await repository.commit({ 'deploy/config.yaml': configMap('2') }, 'Second');
  // Time passes once the second release is there, so that this waits neither too long nor too short.
  let isLate = false;
  const waiting = await run('sync web --wait --timeout 1h', {
    now: () => new Date(isLate ? '2100-01-01' : '2000-01-01'),
    onSleep: async () => {
      const { body } = await hub.request.get('/api/v1/applications/web');
      isLate = body.status.release.number === 2;
    },
  });
  expect(waiting.code).toBe(3);
  expect(waiting.out).toMatch(/web #2 .*0 of 1 in sync \(1 progressing, held by/);
  expect(await succeed('status')).toContain('Held: application/web');
  const diff = await succeed('diff web');
  expect(diff).toMatch(/#1 → #2: 1 cluster \(fra-1\)\n {2}~ ConfigMap web\/web\n {6}data\.value: - 1 {2}\+ 2/);

  expect(await succeed('resume --application web')).toBe('application/web resumed\n');
  const nothing = await run('resume --application web');
  expect(nothing.code).toBe(7);
  let told = false;
  const done = await run('sync web --wait', {
    onSleep: async () => {
      if (!told) await fleet.tell('web', 'fra-1');
      told = true;
    },
  });
  expect(done).toMatchObject({ code: 0, err: '' });
  expect(done.out).toMatch(/web #2 [0-9a-f]{8}: 1 of 1 in sync\n$/);
});

it('watches: prints again when something has changed, and ends well when it is interrupted', async () => {
  const watching = memoryIo({
    env: home(),
    fetch: (request) => fetch(request),
    onSleep: async (count) => {
      if (count === 1) await hub.request.post('/api/v1/clusters/fra-2/cordon').expect(200);
      if (count === 3) watching.interrupt();
    },
  });
  expect(await runCli(['get', 'clusters', '--watch'], watching)).toBe(0);
  const prints = watching.taken().out.split('\n\n');
  expect(prints).toHaveLength(2);
  expect(prints[1]).toMatch(/fra-2 +eu +online,cordoned/);
  await succeed('cluster uncordon fra-2');
});

it('confirms removals by name, and asks before anything is deleted', async () => {
  expect(await succeed('cluster label fra-1 tier-')).toBe('cluster/fra-1 labelled\n');
  await eventually(async () => expect(await succeed('application removals web -o name')).toBe('target/web/fra-1\n'));
  expect(await succeed('status')).toMatch(
    /\nWAITS FOR YOU +WHAT +SEE\nweb +1 target lost the placement.*flotilla application removals web\n/,
  );
  expect(await succeed('describe target web/fra-1')).toMatch(/Removal: +pending\n/);
  expect((await run('application removals web')).err).toContain(
    'to go on: flotilla application removals confirm web --cluster fra-1 --workloads leave',
  );
  const confirm = 'application removals confirm web --cluster fra-1 --workloads remove';
  expect(await run(confirm)).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
  expect(await run(confirm, { answers: ['n'] })).toMatchObject({
    code: 1,
    err: expect.stringContaining('nothing was changed'),
  });
  expect(await succeed(confirm, { answers: ['y'] })).toBe(
    'target/web/fra-1 confirmed: its workloads will be removed\n',
  );
});

it('manages clusters and tokens', async () => {
  const registered = await succeed('cluster register us-1 --region us --label tier=db');
  expect(registered).toMatch(/cluster\/us-1 registered\n.*\n\n {2}flotilla agent run --hub \S+ --join-token \S+/);
  expect(await succeed('cluster list -l tier=db -o name')).toBe('cluster/us-1\n');
  expect(await succeed('cluster list --connection pending --no-headers')).toMatch(/^us-1 +us +pending +- +\d+s\n$/);
  expect(await succeed('describe cluster us-1')).toContain('flotilla cluster join-token us-1');
  expect(await succeed('cluster deregister us-1 --yes')).toBe('cluster/us-1 deregistered\n');

  const token = (await succeed('token create --name ci --role viewer --expires 7d')).trim();
  const viewer = { env: { FLOTILLA_TOKEN: token } };
  expect(await succeed('get clusters -o name', viewer)).toContain('cluster/fra-1');
  expect((await run('cluster cordon fra-1', viewer)).code).toBe(6);
  const id = JSON.parse(await succeed('token list -o json')).items.find(
    (each: { name: string }) => each.name === 'ci',
  ).id;
  await succeed(`token revoke ${id}`);
  expect((await run('get clusters', viewer)).code).toBe(6);
  expect(await succeed('audit --action token.revoke')).toMatch(/token\.revoke +Token\/ci/);
});

it('deletes in the order that the hub allows, and says why not', async () => {
  const used = await run('delete source web');
  expect(used.code).toBe(8);
  expect(used.err).toMatch(/web/);
  expect(await succeed('application delete web')).toMatch(/^application\/web delet(ing|ed).*workloads stay/);
});

it.each([
  ['get cluster nowhere', 7, /there is no cluster "nowhere"/],
  ['cluster register fra-1 --region eu', 8, /fra-1/],
  ['cluster register Fra_1 --region eu', 1, /metadata\.name: .*lower-case/],
  ['get clutsers', 2, /did you mean "clusters"\?/],
  ['cluster lst', 2, /Did you mean one of list, ls\?/],
  ['cluster list --regin eu', 2, /Did you mean --region\?/],
  ['describe holds x', 2, /cannot be named here/],
  ['get clusters --context other', 2, /there are: test/],
  ['apply -f nowhere.yaml', 2, /there is no file nowhere\.yaml/],
])('fails `%s` with exit code %i', async (command, code, message) => {
  const outcome = await run(command);
  expect(outcome).toMatchObject({ code, out: '' });
  expect(outcome.err).toMatch(message);
});

it('says which hub cannot be reached', async () => {
  const outcome = await run('status --url http://127.0.0.1:2', { env: { FLOTILLA_TOKEN: 'flt_x' } });
  expect(outcome.code).toBe(5);
  expect(outcome.err).toMatch(
    /cannot reach the hub at http:\/\/127\.0\.0\.1:2: nothing listens there\nhint: .*running/,
  );
});
