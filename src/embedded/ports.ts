import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

// Below where systems take ports for outgoing connections, so that a server which is stopped finds its port free later.
const lowest = 20_000;
const highest = 31_999;
const attempts = 200;

/** Ports of 127.0.0.1 that nothing listens on now. All are held until the last is found, so that they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const held = new Map<number, Server>();
  for (let tried = 0; held.size < count; tried += 1) {
    if (tried === attempts + count) throw new Error(`found no ${count} free ports from ${lowest} to ${highest}`);
    const port = randomInt(lowest, highest + 1);
    const server = held.has(port) ? undefined : await listen(port);
    if (server !== undefined) held.set(port, server);
  }
  await Promise.all([...held.values()].map((server) => new Promise((resolve) => server.close(resolve))));
  return [...held.keys()];
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error('no free port');
  return port;
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
