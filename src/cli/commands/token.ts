import { type Command, Option } from 'commander';
import { answered, creating } from '../client/answers';
import { connect, withHubOptions } from '../connection';
import { withExamples } from '../help';
import type { Io } from '../io';
import { listTokens, revokeToken, tokenView } from '../kinds/tokens';
import { type OutputOptions, withOutput } from '../output/options';
import { itemText, showList } from '../output/show';
import { daysValue, listValue } from '../values';

export const roles = ['viewer', 'operator', 'admin'] as const;

interface CreateOptions extends OutputOptions {
  name: string;
  role: (typeof roles)[number];
  expires?: number;
  region?: string[];
  application?: string[];
}

export function tokenCommands(program: Command, io: Io): void {
  const group = program.command('token').aliases(['tokens']).helpGroup('Access:').description('API tokens of the hub');

  const create = group
    .command('create')
    .description('make an API token; it is shown once, alone on standard output')
    .requiredOption('--name <name>', 'who or what it is for; shown in the audit')
    .addOption(new Option('--role <role>', 'what it may do').choices(roles).makeOptionMandatory())
    .option('--expires <duration>', 'such as 90d, which it is unless told; at most 365d', daysValue)
    .option('--region <names>', 'only for clusters of these regions', listValue)
    .option('--application <names>', 'only for these applications', listValue);
  withExamples(
    withHubOptions(withOutput(create, { choices: ['json', 'yaml'] })),
    'flotilla token create --name ci --role operator --application web --expires 30d',
  ).action(async (options: CreateOptions, self: Command) => {
    const { name, role, expires, region: regions, application: applications } = options;
    const scope = { ...(regions ? { regions } : {}), ...(applications ? { applications } : {}) };
    const body = { name, role, scope, expiresInDays: expires ?? 90 };
    const hub = connect(self, io);
    const issued = await answered(hub.api.POST('/api/v1/tokens', { body, ...creating() }));
    if (options.output !== undefined) io.stdout.write(itemText(io, options, tokenView, issued));
    else {
      io.stderr.write(
        `token/${issued.id} created; it ends on ${issued.expiresAt.slice(0, 10)} and is not shown again:\n`,
      );
      io.stdout.write(`${issued.token}\n`);
    }
  });

  const list = group.command('list').alias('ls').description('list API tokens, without their secrets');
  withExamples(withHubOptions(withOutput(list, { watch: true })), 'flotilla token list').action(
    async (options: OutputOptions, self: Command) => {
      const hub = connect(self, io);
      await showList(io, options, tokenView, () => listTokens(hub));
    },
  );

  const revoke = group.command('revoke').description('refuse a token from now on').argument('<id>');
  withExamples(withHubOptions(revoke), 'flotilla token revoke 0198c1aa-7e6b-7c4e-9d5e-1f0e8a1b2c3d').action(
    async (id: string, _options: unknown, self: Command) => {
      io.stdout.write(`${await revokeToken(connect(self, io), id)}\n`);
    },
  );
}
