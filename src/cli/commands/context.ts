import type { Command } from 'commander';
import { connectBy } from '../connection';
import { CliError } from '../errors';
import { withExamples } from '../help';
import type { Io } from '../io';
import { type OutputOptions, withOutput } from '../output/options';
import { sections } from '../output/sections';
import { showList, type View } from '../output/show';

interface Shown {
  name: string;
  url: string;
  current: boolean;
}

const view: View<Shown> = {
  columns: () => [
    { header: 'CURRENT', value: ({ current }) => (current ? '*' : ' ') },
    { header: 'NAME', value: ({ name }) => name },
    { header: 'URL', value: ({ url }) => url },
  ],
  nameOf: ({ name }) => `context/${name}`,
  empty: 'No contexts. Log in: `flotilla login URL`',
};

export function contextCommands(program: Command, io: Io): void {
  const contexts = () => import('#src/cli/contexts');
  const group = program.command('context').helpGroup('Access:').description('the hubs that you are logged in to');

  const list = group.command('list').alias('ls').description('list contexts, without their tokens');
  withExamples(withOutput(list, { choices: ['json', 'yaml', 'name'] }), 'flotilla context list').action(
    async (options: OutputOptions) => {
      const { current, contexts: all } = (await contexts()).readContexts(io);
      const shown = Object.entries(all).map(([name, { url }]) => ({ name, url, current: name === current }));
      await showList(io, options, view, () => Promise.resolve(shown));
    },
  );

  const show = group.command('show').description('whose token a context holds, and what it may do').argument('[name]');
  withExamples(show, 'flotilla context show', 'flotilla context show prod').action(async (name?: string) => {
    const { answered } = await import('#src/cli/client/answers');
    const hub = connectBy(name === undefined ? {} : { context: name }, io);
    const head = sections([
      ['Context', hub.context],
      ['Hub', hub.url],
      ['File', (await contexts()).configFile(io)],
    ]);
    io.stdout.write(head);
    const caller = await answered(hub.api.GET('/api/v1/caller'));
    const { regions, applications } = caller.scope;
    io.stdout.write(
      sections([
        ['Token', caller.name],
        ['Role', caller.role],
        ['Regions', regions?.join(', ') ?? 'all'],
        ['Applications', applications?.join(', ') ?? 'all'],
      ]),
    );
  });

  const use = group.command('use').description('make a context the current one').argument('<name>');
  withExamples(use, 'flotilla context use prod').action(async (name: string) => {
    const before = (await contexts()).readContexts(io);
    requireKnown(name, before.contexts);
    (await contexts()).writeContexts({ ...before, current: name }, io);
    io.stdout.write(`The context is "${name}".\n`);
  });

  const remove = group.command('remove').alias('rm').description('forget a context and its token').argument('<name>');
  withExamples(remove, 'flotilla context remove old').action(async (name: string) => {
    const { current, contexts: all } = (await contexts()).readContexts(io);
    requireKnown(name, all);
    const { [name]: _, ...rest } = all;
    (await contexts()).writeContexts(
      { contexts: rest, ...(current === name || current === undefined ? {} : { current }) },
      io,
    );
    io.stdout.write(`Removed "${name}".${current === name ? ' There is no current context now.' : ''}\n`);
  });
}

function requireKnown(name: string, contexts: object): void {
  if (Object.hasOwn(contexts, name)) return;
  throw CliError.usage(
    `there is no context "${name}"`,
    `there are: ${Object.keys(contexts).sort().join(', ') || 'none'}`,
  );
}
