import type { Command } from 'commander';
import { connect, withHubOptions } from '../connection';
import { withExamples } from '../help';
import type { Io } from '../io';
import { type Kind, named } from '../kinds/kind';
import { type OutputOptions, withOutput } from '../output/options';
import { itemText } from '../output/show';

/** `show NAME` of a group: the description for people, or the thing itself with `-o`. */
export function showOne<T>(group: Command, io: Io, kind: Kind<T>, example: string): void {
  const command = group
    .command('show')
    .description(`describe one ${kind.name}: what it is, what is wrong with it, and what to do first`)
    .argument('<name>');
  withExamples(withHubOptions(withOutput(command)), example, `${example} -o yaml`).action(
    async (name: string, options: OutputOptions, self: Command) => {
      const hub = connect(self, io);
      const item = await named(kind, hub, name);
      const described = options.output === undefined ? await kind.describe?.(hub, item, io.now()) : undefined;
      io.stdout.write(described ?? itemText(io, options, kind.view, item));
    },
  );
}
