import { type Command, Option } from 'commander';
import { CliError, CliExit } from '../errors';
import type { ExitCode } from '../exit-codes';
import { withExamples } from '../help';
import type { Io } from '../io';
import { counted } from '../output/text';
import { daysValue } from '../values';
import { keyCommands } from './key-commands';

export interface TokenOptions {
  name: string;
  role: 'viewer' | 'operator' | 'admin';
  expires?: number;
}

/** What is run where the hub runs, with its configuration. The hub is loaded when one of them runs, and only then. */
export function hubCommands(program: Command, io: Io): void {
  const group = program
    .command('hub')
    .helpGroup('Hub:')
    .description('the hub itself; configured by FLOTILLA_CONFIG and other variables, see docs/reference');

  const run = group.command('run').description('run a hub until SIGTERM');
  withExamples(
    run,
    'FLOTILLA_CONFIG=/etc/flotilla/hub.yaml flotilla hub run',
    'FLOTILLA_DATABASE_URL=postgres://… FLOTILLA_ENCRYPTION_KEY=… FLOTILLA_DATA_FOLDER=/var/lib/flotilla flotilla hub run',
  ).action(async () => {
    const { runHub } = await import('#src/hub/main');
    const code = await runHub();
    if (code !== undefined) throw new CliExit(code as ExitCode);
    // It listens; from here on a signal ends the process.
    await new Promise(() => undefined);
  });

  const migrate = group
    .command('migrate')
    .description('bring the database up to this version; a hub does it at its start too');
  withExamples(migrate, 'FLOTILLA_CONFIG=/etc/flotilla/hub.yaml flotilla hub migrate').action(async () => {
    const { migrateDatabase } = await import('#src/cli/hub/database');
    await migrateDatabase(io);
    io.stdout.write('the database is at this version\n');
  });

  const token = group
    .command('token')
    .description('API tokens, straight in the database: for the first one, or when none is left');
  const create = token
    .command('create')
    .description('make an API token; it is shown once, alone on standard output')
    .requiredOption('--name <name>', 'who or what it is for; shown in the audit')
    .addOption(
      new Option('--role <role>', 'what it may do').choices(['viewer', 'operator', 'admin']).makeOptionMandatory(),
    )
    .option('--expires <duration>', 'such as 90d, which it is unless told; at most 365d', daysValue);
  withExamples(create, 'flotilla hub token create --name alice --role admin --expires 90d').action(
    async (options: TokenOptions) => {
      const { issueToken } = await import('#src/cli/hub/database');
      io.stdout.write(`${await issueToken(io, options)}\n`);
    },
  );

  const restore = group
    .command('restore')
    .description(
      'after PostgreSQL was put back to a backup: halt the fleet, and have agents take this hub again; see docs/how-to',
    )
    .option('--confirm', 'do it');
  withExamples(restore, 'flotilla hub restore --confirm').action(async ({ confirm }: { confirm?: boolean }) => {
    if (confirm !== true) {
      throw CliError.usage(
        'this halts the whole fleet until someone resumes, and raises the epoch of the hub',
        'when its database was put back to a backup: flotilla hub restore --confirm',
      );
    }
    const { restoreDatabase } = await import('#src/cli/hub/database');
    const { formerEpoch, epoch, roots, sources, reason } = await restoreDatabase(io);
    io.stdout.write(
      `epoch ${formerEpoch} → ${epoch}: ${counted(roots, 'root')} built anew, ${counted(sources, 'source')} fetched again\n` +
        `the fleet is halted (${reason}): agents take what this hub says, and begin nothing of it\n` +
        'next: `flotilla status` and `flotilla diff` once agents are back, then `flotilla resume`\n',
    );
  });

  keyCommands(group, io);
}
