import { createServer } from 'node:net';
import { StartProblem } from './problem';

/** Looked at before anything is started, since it is the most common reason that nothing can be. */
export async function refuseBusyPort(port: number, host: string): Promise<void> {
  if (port === 0) return;
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => reject(problemOf(error, port)));
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

function problemOf(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return new StartProblem(
      `port ${port} is taken, perhaps by another \`flotilla start\``,
      'is that one yours? `npx flotilla status` asks it. Another port: `npm start -- --port N`',
    );
  }
  if (error.code === 'EACCES')
    return new StartProblem(`port ${port} is not for you to use`, 'choose one above 1023: `npm start -- --port N`');
  return error;
}
