import { cpSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePorts } from '#src/embedded/ports';
import { archiveName, brokerArgs, java } from './kafka/java';
import { serverProperties } from './kafka/properties';
import { preparePart } from './parts/cache';
import { kafkaPart } from './parts/kafka';
import { lifelineOf, sharedRunFolder, temporaryFolder } from './run/folder';
import { onceInRun } from './run/once';
import { killServer, listens, type Server, startServer } from './run/server';

export interface KafkaBroker {
  /** `127.0.0.1:<port>`, as kafkajs takes them. */
  brokers: string[];
  /** Kill -9; the data and the port stay. */
  kill(): Promise<void>;
  /** Again on the same port and data; resolves when it takes connections. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** A real Kafka of one node, with an empty log, for a suite that stops it. Ready when it resolves, in 2 to 3 s. */
export async function startKafka(): Promise<KafkaBroker> {
  const { server, port } = await newKafka(temporaryFolder('kafka'));
  return {
    brokers: [`127.0.0.1:${port}`],
    kill: () => killServer(server),
    start: () => startServer(server, () => listens(port)),
    stop: async () => {
      await killServer(server);
      rmSync(server.folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The Kafka that all suites of a jest run share, started by the first that asks: use topics with names of your own. */
export async function sharedKafka(): Promise<Pick<KafkaBroker, 'brokers'>> {
  const run = sharedRunFolder();
  if (run === undefined) return startKafka();
  await preparePart(kafkaPart);
  return onceInRun(run, 'shared-kafka', async () => {
    const { port } = await newKafka(temporaryFolder('shared-kafka'), lifelineOf(run));
    return { brokers: [`127.0.0.1:${port}`] };
  });
}

async function newKafka(folder: string, lifelineFifo?: string): Promise<{ server: Server; port: number }> {
  const part = await preparePart(kafkaPart);
  const [port, controller] = (await freePorts(2)) as [number, number];
  const log = path.join(folder, 'log');
  cpSync(path.join(part, 'formatted'), log, { recursive: true });
  const properties = path.join(folder, 'server.properties');
  writeFileSync(properties, serverProperties({ broker: port, controller }, log));
  const args = brokerArgs(part, `-XX:SharedArchiveFile=${archiveName}`, properties);
  const server: Server = { name: 'kafka', folder, command: java(), args, cwd: part, lifelineFifo };
  await startServer(server, () => listens(port));
  return { server, port };
}
