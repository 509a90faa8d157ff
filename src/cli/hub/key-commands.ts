import { type Command, Option } from 'commander';
import type { KeyInfo } from '#src/hub/security/key-rotation';
import { withExamples } from '../help';
import type { Io } from '../io';
import { type Column, table } from '../output/table';
import { durationValue } from '../values';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Hubs take in new keys within seconds; agents with their next poll. */
const signingLeadMs = 5 * minuteMs;
const tokenLeadMs = 30_000;
const graceMs = 24 * hourMs;

interface RotateOptions {
  role: 'signing' | 'token';
  activeIn?: number;
}

/** Straight in the database, like the first token: whoever can do this has the hub's encryption key. */
export function keyCommands(hub: Command, io: Io): void {
  const group = hub.command('keys').description('the keys that the hub proves itself to agents by, in its database');

  const list = group.command('list').alias('ls').description('all keys, also those that are retired');
  withExamples(list, 'flotilla hub keys list').action(async () => {
    const { withKeys } = await import('#src/cli/hub/database');
    io.stdout.write(table(columns, await withKeys(io, (keys) => keys.list())));
  });

  const rotate = group
    .command('rotate')
    .description('make a new version of a key; every hub takes it in within seconds')
    .addOption(
      new Option('--role <role>', 'signing: what roots are signed by; token: what tokens of agents are made by')
        .choices(['signing', 'token'])
        .default('signing'),
    )
    .option(
      '--active-in <duration>',
      'the hub uses it only from then on; 5m unless told, and 30s for a token key',
      durationValue,
    );
  withExamples(
    rotate,
    'flotilla hub keys rotate',
    'flotilla hub keys rotate --active-in 24h',
    'flotilla hub keys rotate --role token',
  ).action(async ({ role, activeIn }: RotateOptions) => {
    const { withKeys } = await import('#src/cli/hub/database');
    const leadMs = activeIn ?? (role === 'token' ? tokenLeadMs : signingLeadMs);
    const key = await withKeys(io, (keys, actor) => keys.rotate(role, leadMs, actor));
    io.stdout.write(`${role} key ${key.keyId}, version ${key.version}, is in force from ${timeText(key.activeFrom)}\n`);
  });

  const retire = group
    .command('retire')
    .description('refuse what a key has signed, after a while in which the hub replaces its signatures')
    .argument('<key-id>', 'as `hub keys list` shows it')
    .option('--grace <duration>', 'for that long it is still taken; 24h unless told, 0s after a theft', durationValue);
  withExamples(
    retire,
    'flotilla hub keys retire 5f1c2a9e77b04d13',
    'flotilla hub keys retire 5f1c2a9e77b04d13 --grace 0s',
  ).action(async (keyId: string, { grace }: { grace?: number }) => {
    const { withKeys } = await import('#src/cli/hub/database');
    const key = await withKeys(io, (keys, actor) => keys.retire(keyId, grace ?? graceMs, actor));
    io.stdout.write(`${key.role} key ${keyId} is refused from ${timeText(key.retiredAt)}\n`);
  });
}

const columns: Column<KeyInfo>[] = [
  { header: 'KEY', value: ({ keyId }) => keyId },
  { header: 'ROLE', value: ({ role }) => role },
  { header: 'VERSION', value: ({ version }) => version, right: true },
  { header: 'STATE', value: ({ state }) => state },
  { header: 'IN FORCE FROM', value: ({ activeFrom }) => timeText(activeFrom) },
  { header: 'REFUSED FROM', value: ({ retiredAt }) => retiredAt && timeText(retiredAt) },
];

function timeText(date: Date | undefined): string {
  return date === undefined ? '-' : `${date.toISOString().slice(0, 19)}Z`;
}
