import { type Bench, type Measured, reaches, type Target } from './bench';

/** The one line for programs: exactly these names. */
export function jsonLine(bench: Bench, { figures, limit, ratio }: Measured): string {
  return JSON.stringify({ bench: bench.name, figures, limit, ratio });
}

/** The same for a person, with what each figure should be. */
export function readable(bench: Bench, measured: Measured, machine: string): string[] {
  const width = Math.max(
    ...[...Object.keys(measured.figures), ...Object.keys(measured.limit)].map((name) => name.length),
  );
  const line = (name: string, value: number, rest: string) =>
    `  ${name.padEnd(width)} ${String(value).padStart(10)}  ${rest}`;
  return [
    `${bench.name}: ${bench.summary}`,
    ...Object.entries(measured.figures).map(([name, value]) => {
      const { what, target } = bench.figures[name]!;
      return line(name, value, `${what}${target === undefined ? '' : `; ${verdict(value, target)}`}`);
    }),
    `beside the limit, ${bench.limit}`,
    ...Object.entries(measured.limit).map(([name, value]) => line(name, value, '')),
    line('ratio', measured.ratio, ''),
    ...(measured.notes ?? []),
    machine,
  ].map((text) => text.trimEnd());
}

function verdict(value: number, target: Target): string {
  return `${reaches(value, target) ? 'reaches' : 'MISSES'} ${targetText(target)}`;
}

export function targetText(target: Target): string {
  return 'atMost' in target ? `<= ${target.atMost.toLocaleString('en')}` : `= ${target.exactly.toLocaleString('en')}`;
}

export function listing(benches: readonly Bench[]): string[] {
  return benches.map(({ name, summary }) => `${name.padEnd(12)} ${summary}`);
}

export function helpText(benches: readonly Bench[]): string[] {
  return [
    'npm run bench -- NAME          measure, and show figures beside the physical limit of the same run',
    'npm run bench -- NAME --json   the same; the last line on standard output is one JSON object:',
    '                               { "bench", "figures": { ... }, "limit": { ... }, "ratio" }',
    'npm run bench -- --list        the benches, one a line',
    '',
    'Each bench starts what it needs, takes less than five minutes, and leaves nothing behind. Let it have the machine',
    'for itself: the load that it ran under stands below its figures.',
    ...benches.flatMap((bench) => [
      '',
      `${bench.name}: ${bench.summary}`,
      ...Object.entries(bench.figures).map(
        ([name, { what, target }]) => `  ${name}: ${what}${target === undefined ? '' : ` (${targetText(target)})`}`,
      ),
      `  limit: ${bench.limit}`,
      ...bench.setup.map((text) => `  ${text}`),
    ]),
  ];
}
