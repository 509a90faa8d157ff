import type { Command } from 'commander';
import { withHint } from '../client/answers';
import { connect, withHubOptions } from '../connection';
import { CliError } from '../errors';
import { exitCodes } from '../exit-codes';
import { withExamples } from '../help';
import type { Io } from '../io';
import { named } from '../kinds/kind';
import { kindAndName } from '../kinds/registry';
import { type OutputOptions, withOutput } from '../output/options';
import { itemText, showList } from '../output/show';

const kindHelp = 'clusters, sources, applications, targets, holds or tokens; also cl, src, app';

export function getCommand(program: Command, io: Io): void {
  const command = program
    .command('get')
    .helpGroup('Resources:')
    .description('list things of a kind, or show one')
    .argument('<kind>', kindHelp)
    .argument('[name]');
  withExamples(
    withHubOptions(withOutput(command, { watch: true })),
    'flotilla get clusters',
    'flotilla get application web -o yaml',
    'flotilla get targets --watch',
  ).action(async (word: string, given: string | undefined, options: OutputOptions, self: Command) => {
    const { kind, name } = kindAndName(word, given, given === undefined && !word.includes('/') ? 'list' : 'get');
    const hub = connect(self, io);
    if (name === undefined) {
      await showList(io, options, kind.view, () => kind.list(hub));
      return;
    }
    if (options.watch === true) await showList(io, options, kind.view, async () => [await named(kind, hub, name)]);
    else io.stdout.write(itemText(io, options, kind.view, await named(kind, hub, name)));
  });
}

export function describeCommand(program: Command, io: Io): void {
  const command = program
    .command('describe')
    .helpGroup('Resources:')
    .description('what a thing is, what is wrong with it, and what to do first')
    .argument('<kind>', 'cluster, source, application or target')
    .argument('[name]', 'of a target: APPLICATION/CLUSTER');
  withExamples(
    withHubOptions(command),
    'flotilla describe application web',
    'flotilla describe cluster/fra-1',
    'flotilla describe target web/fra-1',
  ).action(async (word: string, given: string | undefined, _options: unknown, self: Command) => {
    const { kind, name } = kindAndName(word, given, 'describe');
    if (name === undefined) throw CliError.usage(`which ${kind.name}?`, `flotilla describe ${kind.name} NAME`);
    const hub = connect(self, io);
    const item = await named(kind, hub, name);
    io.stdout.write((await kind.describe?.(hub, item, io.now())) ?? '');
  });
}

export function deleteCommand(program: Command, io: Io): void {
  const command = program
    .command('delete')
    .helpGroup('Resources:')
    .description('delete a thing; workloads in clusters stay as they are')
    .argument('<kind>', 'cluster, source, application or token')
    .argument('[name]');
  withExamples(
    withHubOptions(command),
    'flotilla delete source web',
    '# to remove its workloads as well',
    'flotilla application delete web --workloads remove',
  ).action(async (word: string, given: string | undefined, _options: unknown, self: Command) => {
    const { kind, name } = kindAndName(word, given, 'delete');
    if (name === undefined) throw CliError.usage(`which ${kind.name}?`, `flotilla delete ${kind.name} NAME`);
    const line = kind.delete?.(connect(self, io), name) ?? Promise.resolve('');
    io.stdout.write(`${await withHint(line, exitCodes.notFound, `see: flotilla get ${kind.plural}`)}\n`);
  });
}
