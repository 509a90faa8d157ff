import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { CliError } from '../errors';
import { withExamples } from '../help';
import type { Io } from '../io';
import { StartProblem } from './problem';

interface Options {
  demo: boolean;
  port: number;
  dataFolder?: string;
}

const defaultPort = 8420;
const contextName = 'local';
const convergeWithinMs = 60_000;

export function startCommand(program: Command, io: Io): void {
  const command = program
    .command('start')
    .helpGroup('Hub:')
    .description('everything on this machine: PostgreSQL, the hub, and a demonstration fleet; Ctrl-C stops it')
    .option('--no-demo', 'an empty hub, for real use')
    .option('--port <port>', 'of the hub, on 127.0.0.1; 0 takes a free one', port, defaultPort)
    .option('--data-folder <folder>', 'where everything is kept; .flotilla beside the program unless told');
  withExamples(command, 'flotilla start', 'flotilla start --no-demo --port 9000').action(async (options: Options) => {
    const { startEverything } = await import('#src/cli/start/start');
    const say = (line: string): void => io.stdout.write(`${line}\n`);
    const interrupted = io.interrupted();
    const dataFolder = path.resolve(
      io.cwd,
      options.dataFolder ?? path.join(__dirname, '..', '..', '..', '..', '.flotilla'),
    );
    const began = io.now().getTime();
    const everything = await startEverything({
      dataFolder,
      port: options.port,
      demo: options.demo,
      logFile: path.join(dataFolder, 'hub.log'),
      say: (line) => say(`${line} …`),
    }).catch((error: unknown) => {
      const log = `the log is ${path.join(dataFolder, 'hub.log')}; \`npm run doctor\` says what is missing`;
      throw CliError.failed(error instanceof Error ? error.message : String(error), {
        hint: error instanceof StartProblem ? error.hint : log,
      });
    });
    try {
      const restoreContext = await useLocalContext(io, everything.url, everything.adminToken);
      if (everything.repository !== undefined) {
        const { demoClusters } = await import('#src/demo/fleet');
        const { showConverging } = await import('#src/cli/start/converging');
        say('');
        await showConverging(io, everything, { clusters: demoClusters.length, withinMs: convergeWithinMs });
      }
      if (!interrupted.aborted) say(whatNext(everything, dataFolder, io.now().getTime() - began));
      await untilAborted(interrupted);
      say('\nstopping …');
      restoreContext();
    } finally {
      await everything.stop();
    }
    say(`stopped; the next start finds its data in ${dataFolder}`);
  });
}

function whatNext(
  { url, repository }: { url: string; repository: string | undefined },
  dataFolder: string,
  tookMs: number,
): string {
  const lines = [
    '',
    `The hub is up after ${Math.round(tookMs / 1_000)} s.`,
    `  API             ${url}/api/v1   (documentation: ${url}/docs)`,
    `  health, metrics ${url}/readyz   ${url}/metrics`,
    `  log             ${path.join(dataFolder, 'hub.log')}`,
    `  command line    npx flotilla status   (context "${contextName}" is written, with an administrator's token)`,
    '',
  ];
  if (repository === undefined) {
    lines.push(
      'Add the first cluster, in another terminal:',
      '  npx flotilla cluster add --context minikube --region home      by kubeconfig',
      '  npx flotilla cluster register fra-1 --region eu-central        by an agent of its own',
    );
  } else {
    lines.push(
      'Try, in another terminal:',
      '  npx flotilla status --watch',
      // In a shell of its own: elsewhere than here, npx would not find this program.
      `  (cd ${repository} && sed -i.bak 's/EUR/USD/' storefront/config.yaml && git commit -am "Prices in dollars")`,
      '  npx flotilla application explain storefront',
      '  npx flotilla cluster label vienna tier=edge     and back: tier=web',
      '  npx flotilla application removals storefront',
      '  npx flotilla halt --reason "just to see"        and on: npx flotilla resume',
    );
  }
  return [...lines, '', 'Ctrl-C stops all of it.'].join('\n');
}

/** The command line of other terminals works at once. @returns puts back what was current before */
async function useLocalContext(io: Io, url: string, token: string): Promise<() => void> {
  const { readContexts, writeContext, writeContexts } = await import('#src/cli/contexts');
  const before = readContexts(io).current;
  writeContext({ name: contextName, url, token, makeCurrent: true }, io);
  return () => {
    const now = readContexts(io);
    if (before === undefined || before === contextName || now.current !== contextName) return;
    if (now.contexts[before] !== undefined) writeContexts({ ...now, current: before }, io);
  };
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  // A timer keeps the process: waiting for a signal alone does not.
  const alive = setInterval(() => undefined, 60_000);
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  clearInterval(alive);
}

function port(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new InvalidArgumentError('a port is 0 to 65535');
  return number;
}
