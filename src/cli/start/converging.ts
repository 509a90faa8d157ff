import type { Io } from '../io';
import { runCli } from '../run';

interface Counts {
  clusters: { total: number; online: number };
  targets: { total: number; inSync: number };
}

const pollMs = 700;
/** Where tables stand one below the other, fewer of them are easier to read. */
const pollBelowMs = 2_000;

/**
 * Shows the fleet until all of it is in sync: on a terminal one table that changes, else one after the other.
 * @returns whether it came to that within the time
 */
export async function showConverging(
  io: Io,
  hub: { url: string; adminToken: string },
  expected: { clusters: number; withinMs: number },
): Promise<boolean> {
  const env = { ...io.env, FLOTILLA_URL: hub.url, FLOTILLA_TOKEN: hub.adminToken };
  const deadline = io.now().getTime() + expected.withinMs;
  let shown = '';
  for (;;) {
    const text = await printed(['status', '--by', 'region'], { ...io, env });
    if (text !== shown) {
      const above = io.stdout.isTTY && shown !== '' ? `\u001b[${shown.split('\n').length - 1}A\u001b[J` : '';
      io.stdout.write(above === '' && shown !== '' ? `\n${text}` : above + text);
      shown = text;
    }
    const { clusters, targets } = JSON.parse(await printed(['status', '-o', 'json'], { ...io, env })) as Counts;
    const isDone = clusters.online >= expected.clusters && targets.total > 0 && targets.inSync === targets.total;
    if (isDone || io.now().getTime() > deadline || io.interrupted().aborted) return isDone;
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
