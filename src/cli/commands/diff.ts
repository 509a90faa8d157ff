import type { Command } from 'commander';
import { answered } from '../client/answers';
import { connect, withHubOptions } from '../connection';
import { CliError } from '../errors';
import { withExamples } from '../help';
import type { Io } from '../io';
import { diffText } from '../kinds/diff-view';
import { painter } from '../output/colour';
import { type OutputOptions, withOutput } from '../output/options';
import { jsonText, yamlText } from '../output/structured';
import { countValue } from '../values';

interface Options extends OutputOptions {
  cluster?: string;
  from?: number;
  to?: number;
}

export function diffCommand(group: Command, io: Io): void {
  const command = group
    .command('diff')
    .helpGroup('Fleet:')
    .description(
      'what the newest release would change, object by object, between what is authorised and what is wanted',
    )
    .argument('<application>')
    .option('--cluster <name>', 'only on this cluster')
    .option('--from <release>', 'between two releases instead: from this one', countValue)
    .option('--to <release>', 'to this one', countValue);
  withExamples(
    withHubOptions(withOutput(command, { choices: ['json', 'yaml'] })),
    'flotilla diff web',
    'flotilla diff web --cluster fra-1',
    'flotilla diff web --from 12 --to 14',
  ).action(async (name: string, options: Options, self: Command) => {
    const { cluster, from, to, output } = options;
    if ((from === undefined) !== (to === undefined)) throw CliError.usage('--from and --to go together');
    if (cluster !== undefined && from !== undefined) throw CliError.usage('give --cluster, or --from and --to');
    const hub = connect(self, io);
    const params = { path: { name }, query: { cluster, from, to } };
    const answer = await answered(hub.api.GET('/api/v1/applications/{name}/diff', { params }));
    if (output !== undefined) io.stdout.write(output === 'json' ? jsonText(answer) : yamlText(answer));
    else if (answer.groups.length === 0 && answer.notCompared === 0)
      io.stderr.write('No difference: what is wanted is authorised everywhere\n');
    else io.stdout.write(diffText(answer, painter(io.stdout, io.env)));
  });
}
