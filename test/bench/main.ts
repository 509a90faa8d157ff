import { readArguments } from './arguments';
import type { Bench } from './bench';
import { watchLoad } from './machine';
import { benches } from './registry';
import { helpText, jsonLine, listing, readable } from './summary';

/** A bench that takes longer than it promises has failed, whatever it waits for. */
const deadlineMs = 295_000;

async function main(argv: readonly string[]): Promise<number> {
  const command = readArguments(
    argv,
    benches.map(({ name }) => name),
  );
  switch (command.kind) {
    case 'help':
      console.log(helpText(benches).join('\n'));
      return 0;
    case 'list':
      console.log(listing(benches).join('\n'));
      return 0;
    case 'wrong':
      console.error(command.message);
      return 2;
    case 'run':
      await run(
        benches.find(({ name }) => name === command.name)!,
        command.json,
      );
      return 0;
  }
}

async function run(bench: Bench, json: boolean): Promise<void> {
  const startedMs = performance.now();
  const load = watchLoad();
  const deadline = setTimeout(() => {
    console.error(`${bench.name} took longer than ${deadlineMs / 1_000} s and is ended`);
    process.exit(1);
  }, deadlineMs);
  const measured = await bench.run((line) => {
    console.error(`${((performance.now() - startedMs) / 1_000).toFixed(1).padStart(6)} s  ${line}`);
  });
  clearTimeout(deadline);
  const lines = readable(bench, measured, load.summary()).join('\n');
  if (json) {
    console.error(lines);
    console.log(jsonLine(bench, measured));
  } else console.log(lines);
}

// Whatever was started ends with this process, and so do its files.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

main(process.argv.slice(2)).then(
  // Idle connections must not keep it running.
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    process.exit(1);
  },
);
