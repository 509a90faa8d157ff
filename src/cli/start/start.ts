import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { localApi } from '#src/demo/local-api';
import { type RunningDemo, startDemo } from '#src/demo/demo';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#src/embedded/postgres';
import { DataInUse } from '#src/embedded/postgres-data';
import { host, type LocalHub, startLocalHub } from './local-hub';
import { refuseBusyPort } from './port';
import { StartProblem } from './problem';
import { SettingsFile } from './settings';

export interface StartOptions {
  dataFolder: string;
  port: number;
  demo: boolean;
  /** Where the hub's log goes. */
  logFile: string;
  /** Called with what is being done, a line each. */
  say: (line: string) => void;
}

export interface Everything {
  url: string;
  adminToken: string;
  /** Of the demonstration; undefined without it. */
  repository: string | undefined;
  stop(): Promise<void>;
}

/** PostgreSQL, the hub and the demonstration on this machine, with nothing else installed. Throws with a remedy. */
export async function startEverything(options: StartOptions): Promise<Everything> {
  await refuseBusyPort(options.port, host);
  const settings = new SettingsFile(options.dataFolder);
  const started: { postgres?: EmbeddedPostgres; hub?: LocalHub; demo?: RunningDemo } = {};
  const stop = async (): Promise<void> => {
    await started.demo?.stop();
    await started.hub?.close();
    await started.postgres?.stop();
  };
  try {
    options.say('starting PostgreSQL');
    started.postgres = await startEmbeddedPostgres({
      dataFolder: path.join(options.dataFolder, 'postgres'),
      durable: true,
    }).catch((error: unknown) => {
      throw error instanceof DataInUse ? inUse(options.dataFolder) : error;
    });
    options.say('starting the hub');
    const hub = await startLocalHub(started.postgres.url, settings, options);
    started.hub = hub;
    const repository = options.demo ? demoRepository(settings) : undefined;
    if (repository !== undefined) {
      options.say('starting twelve simulated clusters in three regions');
      started.demo = await startDemo({
        api: localApi(hub.url, hub.adminToken),
        hubUrl: hub.url,
        dataFolder: path.join(options.dataFolder, 'clusters'),
        repository,
        logger: hub.logger,
      });
    }
    return { url: hub.url, adminToken: hub.adminToken, repository, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function inUse(dataFolder: string): StartProblem {
  return new StartProblem(
    `another \`flotilla start\` runs with the data in ${dataFolder}`,
    'use that one, stop it, or keep a second apart from it: `npm start -- --port N --data-folder FOLDER`',
  );
}

function demoRepository(settings: SettingsFile): string {
  const known = settings.get().demoRepository;
  if (known !== undefined) return known;
  const folder = mkdtempSync(path.join(tmpdir(), 'flotilla-demo-'));
  settings.update({ demoRepository: folder });
  return folder;
}
