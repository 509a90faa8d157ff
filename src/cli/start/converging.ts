import type { Io } from '../io';
import { runCli } from '../run';

interface Counts {
  clusters: { total: number; online: number };
  targets: { total: number; inSync: number; progressing: number };
}

const pollMs = 700;
/** Where tables stand one below the other, fewer of them are easier to read. */
const pollBelowMs = 2_000;
/** What has failed, or is not heard, in an earlier run stays so: nothing is waited for then. */
const stillForMs = 8_000;

/**
 * Shows the fleet until all of it is in sync, or nothing moves any more: on a terminal one table that changes, else one after the other.
 * @returns whether all of it came to be in sync
 */
export async function showConverging(
  io: Io,
  hub: { url: string; adminToken: string },
  expected: { clusters: number; withinMs: number },
): Promise<boolean> {
  const env = { ...io.env, FLOTILLA_URL: hub.url, FLOTILLA_TOKEN: hub.adminToken };
  const deadline = io.now().getTime() + expected.withinMs;
  let shown = '';
  let counted = '';
  let changedAt = io.now().getTime();
  for (;;) {
    const text = await printed(['status', '--by', 'region'], { ...io, env });
    if (text !== shown) {
      const above = io.stdout.isTTY && shown !== '' ? `\u001b[${shown.split('\n').length - 1}A\u001b[J` : '';
      io.stdout.write(above === '' && shown !== '' ? `\n${text}` : above + text);
      shown = text;
    }
    const counts = await printed(['status', '-o', 'json'], { ...io, env });
    if (counts !== counted) changedAt = io.now().getTime();
    counted = counts;
    const { clusters, targets } = JSON.parse(counts) as Counts;
    const isDone = clusters.online >= expected.clusters && targets.total > 0 && targets.inSync === targets.total;
    const isStill = targets.progressing === 0 && io.now().getTime() - changedAt > stillForMs;
    if (isDone || isStill || io.now().getTime() > deadline || io.interrupted().aborted) return isDone;
    await io.sleep(io.stdout.isTTY ? pollMs : pollBelowMs);
  }
}

async function printed(argv: string[], io: Io): Promise<string> {
  let text = '';
  await runCli(argv, {
    ...io,
    stdout: { ...io.stdout, isTTY: io.stdout.isTTY, columns: io.stdout.columns, write: (part) => (text += part) },
  });
  return text;
}
