import { readFileSync } from 'node:fs';
import { loadHubConfig } from './config/load';
import { createHub } from './app';
import { createLogger } from './http/logging';

/** Longer than any request, except those that wait for something new; these end when the hub stops. */
const stopTimeoutMs = 30_000;

/**
 * Runs a hub with the configuration of the environment. Once it listens, signals end the process.
 * @returns the exit code where it cannot start
 */
export async function runHub(): Promise<number | undefined> {
  const loaded = loadHubConfig(process.env, (path) => readFileSync(path, 'utf8'));
  if (!loaded.ok) {
    process.stderr.write(
      `The hub's configuration is not valid:\n${loaded.errors.map((each) => `  - ${each}\n`).join('')}`,
    );
    return 2;
  }
  const { config } = loaded;
  const logger = createLogger(config.logging.level);
  try {
    const hub = await createHub(config, { logger });
    let stopping = false;
    const stop = (signal: NodeJS.Signals) => {
      if (stopping) process.exit(1);
      stopping = true;
      logger.info({ signal }, 'stopping: no new requests, finishing those under way');
      setTimeout(() => {
        logger.error('not stopped in time');
        process.exit(1);
      }, stopTimeoutMs).unref();
      hub.close().then(
        () => process.exit(0),
        (error: unknown) => {
          logger.error({ err: error }, 'stopping failed');
          process.exit(1);
        },
      );
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    await hub.listen(config.http.port, config.http.host);
    const address = hub.getHttpServer().address() as { port: number };
    logger.info({ host: config.http.host, port: address.port }, 'the hub listens');
    return undefined;
  } catch (error) {
    logger.fatal({ err: error }, 'the hub cannot start');
    // Timers and pools of a hub that is half started would keep the process.
    setTimeout(() => process.exit(1), 100);
    return 1;
  }
}

if (require.main === module) {
  void runHub().then((code) => {
    if (code !== undefined) process.exitCode = code;
  });
}
