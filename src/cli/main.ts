import { exitCodes } from './exit-codes';
import { processIo } from './process-io';
import { runCli } from './run';

// `flotilla get clusters | head -1` ends the reader first; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.ok);
  throw error;
});

/** What has failed is over: nothing that it left half started may keep the process, or go on working. */
const endsWithinMs = 3_000;

function end(code: number): void {
  process.exitCode = code;
  if (code !== exitCodes.ok) setTimeout(() => process.exit(code), endsWithinMs).unref();
}

runCli(process.argv.slice(2), processIo()).then(
  (code) => end(code),
  (error: unknown) => {
    // A bug, or input and output that failed: the stack helps whoever reports it.
    process.stderr.write(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    end(exitCodes.failed);
  },
);
