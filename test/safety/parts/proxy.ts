import type { SyncAnswer } from '#libs/protocol/sync';
import { httpHub } from '#src/agent/hub/http';
import type { HubClient, HubGateway } from '#src/agent/hub/port';
import type { AgentOptions } from '#src/agent/options';
import { systemRuntime } from '#src/agent/runtime';

/** Stands between an agent and the hub, and changes what the hub answers. */
export function proxied(change: (answer: SyncAnswer) => SyncAnswer): Pick<AgentOptions, 'gatewayTo'> {
  const gatewayTo = (url: string): HubGateway => {
    const honest = httpHub({ url, runtime: systemRuntime });
    return {
      join: (request) => honest.join(request),
      close: () => honest.close(),
      as: (credentials): HubClient => {
        const client = honest.as(credentials);
        const sync: HubClient['sync'] = async (request, signal) => change(await client.sync(request, signal));
        return Object.assign(Object.create(client) as HubClient, { sync });
      },
    };
  };
  return { gatewayTo };
}
