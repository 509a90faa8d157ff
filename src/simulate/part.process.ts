import type { FromPart, ToPart } from './messages';
import { LocalPart } from './part';

/** Runs a part of a fleet for the process that forked this one, and ends with it. */
let part: Promise<LocalPart> | undefined;

function tell(message: FromPart): void {
  if (process.connected) process.send?.(message);
}

async function start(message: Extract<ToPart, { kind: 'start' }>): Promise<void> {
  try {
    part = LocalPart.open(message.settings, message.range);
    await (await part).start();
    tell({ kind: 'started' });
  } catch (error) {
    tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    await end();
  }
}

async function end(): Promise<void> {
  await (await part?.catch(() => undefined))?.stop();
  process.exit(0);
}

async function answer(message: ToPart): Promise<void> {
  switch (message.kind) {
    case 'start':
      return start(message);
    case 'stop':
      return end();
    case 'counts':
      if (part === undefined) return;
      return tell({ kind: 'counts', request: message.request, counts: await (await part).counts() });
    case 'holding':
      if (part === undefined) return;
      return tell({
        kind: 'holding',
        request: message.request,
        count: await (await part).holding(message.generation),
      });
  }
}

process.on('message', (message: ToPart) => void answer(message));
process.on('disconnect', () => void end());
// Ctrl-C reaches the whole group of processes: the first one says when this one ends.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => void end());
tell({ kind: 'ready' });
