import { Agent, type Dispatcher } from 'undici';
import { httpHub } from '#src/agent/hub/http';
import type { HubClient, HubGateway } from '#src/agent/hub/port';
import { systemRuntime } from '#src/agent/runtime';

export interface SessionOverrides {
  heartbeatSeconds?: number;
  fullComparisonSeconds?: number;
}

/** The way of all agents of a process to the hub: a connection for each poll that is held, and some for what comes between. */
export class HubAccess {
  requests = 0;
  private readonly agent: Agent;
  private readonly dispatcher: Dispatcher;
  private readonly gateways = new Map<string, HubGateway>();

  constructor(
    ca: string | undefined,
    private readonly overrides: SessionOverrides,
  ) {
    this.agent = new Agent({
      connections: null,
      keepAliveTimeout: 60_000,
      keepAliveMaxTimeout: 600_000,
      connect: { timeout: 30_000, ...(ca === undefined ? {} : { ca }) },
    });
    this.dispatcher = this.agent.compose((dispatch) => (options, handler) => {
      this.requests += 1;
      return dispatch(options, handler);
    });
  }

  readonly to = (url: string): HubGateway => {
    const known = this.gateways.get(url);
    if (known !== undefined) return known;
    const gateway = overriding(httpHub({ url, dispatcher: this.dispatcher, runtime: systemRuntime }), this.overrides);
    this.gateways.set(url, gateway);
    return gateway;
  };

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}

/** A hub whose sessions say something else than it does. Closing it closes nothing: others use it as well. */
function overriding(gateway: HubGateway, overrides: SessionOverrides): HubGateway {
  return {
    join: (request) => gateway.join(request),
    as: (credentials) => overridingClient(gateway.as(credentials), overrides),
    close: async () => undefined,
  };
}

function overridingClient(client: HubClient, overrides: SessionOverrides): HubClient {
  // All else is the client's own.
  const overriding = Object.create(client) as HubClient;
  overriding.openSession = async (request) => {
    const opened = await client.openSession(request);
    return { ...opened, settings: { ...opened.settings, ...overrides } };
  };
  return overriding;
}
