import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '#test/harness/eventually';
import { type GitServer, makeRepository, serveGit, type TestRepository } from '#test/harness/git';
import { type GitHubAppApi, startGitHubAppApi } from '#test/harness/github-app';
import { startTestHub, type TestHub } from '#test/harness/hub';

describe('a source of a GitHub App', () => {
  let folder: string;
  let origin: TestRepository;
  let server: GitServer;
  let api: GitHubAppApi;
  let hub: TestHub;
  /** Tokens that were withdrawn before their time. */
  const withdrawn = new Set<string>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flotilla-app-'));
    origin = await makeRepository(join(folder, 'served', 'app'));
    api = await startGitHubAppApi();
    server = await serveGit(join(folder, 'served'), {
      intercept: (request, response) => {
        const [, password = ''] = Buffer.from(request.headers.authorization?.split(' ')[1] ?? '', 'base64')
          .toString()
          .split('x-access-token:');
        if (api.issued.includes(password) && !withdrawn.has(password)) return false;
        response.writeHead(401).end();
        return true;
      },
    });
    hub = await startTestHub({ sources: { allowInsecureHttp: true, allowLocalPaths: true } });
  });

  afterAll(async () => {
    await hub?.stop();
    await server.close();
    await api.close();
    await rm(folder, { recursive: true, force: true });
  });

  const statusOf = async (name: string): Promise<Record<string, unknown>> =>
    (await hub.request.get(`/api/v1/sources/${name}`).expect(200)).body.status;
  const declare = (name: string, app: object) =>
    hub.request.put(`/api/v1/sources/${name}`).send({
      metadata: { name },
      spec: {
        url: `${server.url}/app`,
        credentials: { kind: 'githubApp', apiUrl: api.url, ...app },
        pollSeconds: 86_400,
      },
    });

  it('is read with a token of the installation, and again after that was withdrawn', async () => {
    const first = await origin.commit({ 'a.yaml': 'a: 1' });
    await declare('app', api.app).expect(201);
    await eventually(async () => expect(await statusOf('app')).toMatchObject({ state: 'ready', commit: first }));
    const second = await origin.commit({ 'a.yaml': 'a: 2' });
    withdrawn.add(api.issued[0]!);
    await hub.request.post('/api/v1/sources/app/refresh').expect(202);
    await eventually(async () => expect(await statusOf('app')).toMatchObject({ state: 'failing', commit: first }));
    await hub.request.post('/api/v1/sources/app/refresh').expect(202);
    await eventually(async () => expect(await statusOf('app')).toMatchObject({ state: 'ready', commit: second }));
    expect(api.issued).toHaveLength(2);
    const shown = hub.logs.join() + JSON.stringify((await hub.request.get('/api/v1/sources/app')).body);
    for (const secret of [...api.issued, 'PRIVATE KEY']) expect(shown).not.toContain(secret);
  });

  it('is refused where the key cannot be one of an App', async () => {
    const answer = await declare('wrong', { ...api.app, privateKey: 'x' });
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0]).toMatchObject({ field: 'spec.credentials.privateKey' });
    await declare('wrong', { ...api.app, installationId: '../1' }).expect(400);
  });

  it('takes pushes as other forges tell of them', async () => {
    const webhookSecret = 'a-secret-of-enough-length';
    const spec = { url: origin.folder, webhookSecret, pollSeconds: 86_400 };
    await hub.request
      .put('/api/v1/sources/hooked')
      .send({ metadata: { name: 'hooked' }, spec })
      .expect(201);
    const body = { object_kind: 'push', ref: 'refs/heads/main', project: { git_http_url: `file://${origin.folder}` } };
    const send = (token: string) =>
      hub.anonymous.post('/webhooks/hooked').set({ 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': token }).send(body);
    expect((await send(webhookSecret).expect(202)).body).toMatchObject({ fetching: true });
    await send('another-secret-of-length').expect(401);
  });
});
