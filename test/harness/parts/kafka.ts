import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnKept } from '#src/embedded/keeper';
import { freePorts } from '#src/embedded/ports';
import { isRunning } from '#src/embedded/signals';
import { archiveName, brokerArgs, java, javaRemedy } from '../kafka/java';
import { serverProperties } from '../kafka/properties';
import { listens } from '../run/server';
import type { Part } from './cache';
import { command } from './command';
import { recipe } from './folders';

const pom = recipe('kafka', 'pom.xml');
const clusterId = 'MkU3OEVBNTcwNTJENDM2Qg';
const archiveTimeoutMs = 60_000;

/** `libs/` with the jars, `formatted/` with an empty log of one node, and a class archive where Java makes one. */
export const kafkaPart: Part = {
  name: 'kafka',
  title: 'Apache Kafka 4.3.1, by Maven',
  takes: 'about 30 seconds',
  recipe: [pom, recipe('kafka', 'properties.ts')],
  async build(folder) {
    const work = mkdtempSync(path.join(tmpdir(), 'flotilla-kafka-'));
    try {
      await fetchJars(work, folder);
      const [broker, controller] = (await freePorts(2)) as [number, number];
      const properties = path.join(work, 'server.properties');
      writeFileSync(properties, serverProperties({ broker, controller }, path.join(folder, 'formatted')));
      await format(folder, properties);
      writeFileSync(properties, serverProperties({ broker, controller }, path.join(work, 'log')));
      await format(folder, properties);
      await archiveClasses(folder, work, properties, broker);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  },
};

async function fetchJars(work: string, folder: string): Promise<void> {
  copyFileSync(pom, path.join(work, 'pom.xml'));
  const libs = path.join(folder, 'libs');
  mkdirSync(libs);
  await command('mvn', ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${libs}`], {
    cwd: work,
    remedy: 'install Maven, 3.8 or newer (Debian: apt-get install maven)',
  });
  if (!readdirSync(libs).some((name) => name.startsWith('kafka_')))
    throw new Error('Maven ended well but brought no Kafka');
}

async function format(folder: string, properties: string): Promise<void> {
  const tool = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties, '--ignore-formatted'];
  await command(java(), ['-XX:TieredStopAtLevel=1', '-cp', 'libs/*', ...tool], { cwd: folder, remedy: javaRemedy });
}

/** Runs the broker once and keeps its loaded classes: starts take 2 s instead of 3. Without the archive all works too. */
async function archiveClasses(folder: string, work: string, properties: string, port: number): Promise<void> {
  const kept = spawnKept({
    command: java(),
    args: brokerArgs(folder, `-XX:ArchiveClassesAtExit=${archiveName}`, properties),
    cwd: folder,
    logFile: path.join(work, 'broker.log'),
  });
  const until = Date.now() + archiveTimeoutMs;
  const waits = () => isRunning(kept.pid) && Date.now() < until;
  while (waits() && !(await listens(port))) await sleep(100);
  process.kill(kept.pid, 'SIGTERM');
  while (waits()) await sleep(100);
  if (isRunning(kept.pid)) process.kill(kept.pid, 'SIGUSR1');
  if (!existsSync(path.join(folder, archiveName)))
    process.stderr.write('[parts] this Java made no class archive for Kafka\n');
}
