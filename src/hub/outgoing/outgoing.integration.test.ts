import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from '#test/harness/certificate';
import { eventually } from '#test/harness/eventually';
import { type GitServer, makeRepository, serveGit } from '#test/harness/git';
import { startTestHub, type TestHub } from '#test/harness/hub';
import { startProxy, type TestProxy } from '#test/harness/proxy';

describe('a hub that is told of a proxy and of an authority', () => {
  let folder: string;
  let server: GitServer;
  let proxy: TestProxy;
  let hub: TestHub;
  let commit: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flotilla-outgoing-'));
    commit = await (await makeRepository(join(folder, 'served', 'app'))).commit({ 'a.yaml': 'a: 1' });
    const tls = await selfSigned('DNS:git.test');
    await writeFile(join(folder, 'ca.pem'), tls.cert);
    server = await serveGit(join(folder, 'served'), { tls });
    const auth = { username: 'fleet', password: 'hunter2' };
    proxy = await startProxy({ routes: { 'git.test:443': new URL(server.url).host }, auth });
    const address = proxy.url.replace('//', '//fleet:hunter2@');
    hub = await startTestHub({ outgoing: { proxy: address, extraCaFile: join(folder, 'ca.pem') } });
  });

  afterAll(async () => {
    await hub?.stop();
    await proxy.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('reads repositories through the one and trusts the other, and shows no password', async () => {
    const spec = { url: 'https://git.test/app' };
    await hub.request
      .post('/api/v1/sources')
      .send({ metadata: { name: 'behind' }, spec })
      .expect(201);
    await eventually(async () => {
      const { body } = await hub.request.get('/api/v1/sources/behind').expect(200);
      expect(body.status).toMatchObject({ state: 'ready', commit });
    });
    expect(new Set(proxy.requests)).toEqual(new Set(['CONNECT git.test:443']));
    expect(hub.logs.join()).not.toContain('hunter2');
  });

  it('does not start where the authority cannot be read', async () => {
    const wrong = startTestHub({ outgoing: { extraCaFile: join(folder, 'none.pem') } });
    await expect(wrong).rejects.toThrow(/none.pem cannot be read \(ENOENT\)/);
  });
});
