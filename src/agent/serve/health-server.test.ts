import { HubError } from '../hub/port';
import { application, eventually, webNamespace, world, type World } from '../testing/fixtures';
import type { RunningAgent } from '../running';
import { type HealthServer, serveHealth } from './health-server';

describe('what an agent says when it is asked', () => {
  let w: World;
  let agent: RunningAgent | undefined;
  let server: HealthServer;
  beforeEach(async () => {
    w = world();
    agent = undefined;
    server = await serveHealth({ port: 0, host: '127.0.0.1', state: () => agent?.state() });
  });
  afterEach(async () => {
    await server.close();
    await w.end();
  });

  const ask = async (path: string, method = 'GET') => {
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
    return { status: answer.status, text: await answer.text() };
  };

  it('is that it lives, before it has joined', async () => {
    expect(await ask('/healthz')).toEqual({ status: 200, text: 'ok\n' });
    expect(await ask('/readyz')).toEqual({ status: 503, text: 'the agent has not joined yet\n' });
    expect((await ask('/metrics')).text).toContain('flotilla_agent_connected 0');
  });

  it('is that it is ready once it has heard the hub, also when the hub is away later', async () => {
    agent = await w.start();
    w.hub.release({ [application]: { objects: [webNamespace] } });
    await eventually('applied', () => w.hub.said(application)?.phase === 'applied');
    expect((await ask('/readyz')).status).toBe(200);
    const { text } = await ask('/metrics');
    expect(text).toContain('flotilla_agent_targets{phase="applied"} 1');
    expect(text).toContain('flotilla_agent_root_generation 1');
    expect(text).toContain('process_cpu_seconds_total');
    w.hub.fail(new HubError('unreachable', 'away'));
    await eventually('unconnected', () => agent?.state().isConnected === false);
    expect((await ask('/readyz')).status).toBe(200);
  });

  it('is nothing else', async () => {
    expect((await ask('/')).status).toBe(404);
    expect((await ask('/healthz', 'POST')).status).toBe(405);
  });
});
