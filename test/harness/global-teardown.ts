import type { openRun } from './run/folder';
import { endRun } from './run/end';

/** After the last suite: no server and no file of the run stays. */
export default async function globalTeardown(): Promise<void> {
  const { flotillaRun } = globalThis as { flotillaRun?: ReturnType<typeof openRun> };
  if (flotillaRun !== undefined) await endRun(flotillaRun);
}
