import { type Command } from 'commander';
import { answered, creating, withHint } from '../client/answers';
import type { HoldScope } from '../client/types';
import { connect, withHubOptions } from '../connection';
import { CliError } from '../errors';
import { exitCodes } from '../exit-codes';
import { withExamples } from '../help';
import type { Io } from '../io';
import { holdText } from '../kinds/holds';

interface ScopeOptions {
  region?: string;
  cluster?: string;
  application?: string;
}

function withScope(command: Command): Command {
  return command
    .option('--region <name>', 'only this region')
    .option('--cluster <name>', 'only this cluster')
    .option('--application <name>', 'only this application');
}

/** The whole fleet where nothing is named. */
export function scopeOf({ region, cluster, application }: ScopeOptions): HoldScope {
  const given = Object.entries({ region, cluster, application }).filter(([, name]) => name !== undefined);
  if (given.length > 1)
    throw CliError.usage('--region, --cluster and --application exclude each other', 'halt them one by one');
  const [scope, name] = given[0] ?? [];
  return scope === undefined ? { scope: 'fleet' } : { scope: scope as HoldScope['scope'], name };
}

export function holdCommands(program: Command, io: Io): void {
  const halt = withScope(
    program
      .command('halt')
      .helpGroup('Fleet:')
      .description(
        'let nothing new go out, to the whole fleet or a part of it, until someone resumes; workloads go on',
      ),
  ).requiredOption('--reason <text>', 'shown to whoever asks why nothing moves');
  withExamples(
    withHubOptions(halt),
    'flotilla halt --reason "errors after the release of 14:10"',
    'flotilla halt --region eu-central --reason "provider incident"',
  ).action(async (options: ScopeOptions & { reason: string }, self: Command) => {
    const body = { ...scopeOf(options), reason: options.reason };
    const hold = await answered(connect(self, io).api.POST('/api/v1/holds', { body, ...creating() }));
    io.stdout.write(`${holdText(hold)} held; to go on: ${resumeText(body)}\n`);
  });

  const resume = withScope(
    program.command('resume').helpGroup('Fleet:').description('let go on what `halt` with the same scope has held'),
  );
  withExamples(withHubOptions(resume), 'flotilla resume', 'flotilla resume --region eu-central').action(
    async (options: ScopeOptions, self: Command) => {
      const body = scopeOf(options);
      const released = connect(self, io).api.POST('/api/v1/holds/release', { body });
      await withHint(answered(released), exitCodes.notFound, 'what is held: flotilla get holds');
      io.stdout.write(`${holdText(body)} resumed\n`);
    },
  );
}

function resumeText({ scope, name }: HoldScope): string {
  return scope === 'fleet' ? 'flotilla resume' : `flotilla resume --${scope} ${name ?? ''}`;
}
