import { exitCodes } from './exit-codes';
import { processIo } from './process-io';
import { runCli } from './run';

// `flotilla get clusters | head -1` ends the reader first; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.ok);
  throw error;
});

runCli(process.argv.slice(2), processIo()).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    // A bug, or input and output that failed: the stack helps whoever reports it.
    process.stderr.write(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = exitCodes.failed;
  },
);
