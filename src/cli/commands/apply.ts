import type { Command } from 'commander';
import { connect, withHubOptions } from '../connection';
import { withExamples } from '../help';
import type { Io } from '../io';
import { repeatedValue } from '../values';

interface Options {
  filename: string[];
  recursive?: boolean;
  dryRun?: boolean;
}

export function applyCommand(program: Command, io: Io): void {
  const command = program
    .command('apply')
    .helpGroup('Resources:')
    .description(
      'create or change what files declare; nothing is deleted, and what a file does not say of a cluster stays',
    )
    .requiredOption(
      '-f, --filename <file>',
      'YAML or JSON of clusters, sources and applications; a folder; or - for standard input; may be repeated',
      repeatedValue,
    )
    .option('-R, --recursive', 'also the folders below')
    .option('--dry-run', 'say what would change, and change nothing');
  withExamples(
    withHubOptions(command),
    'flotilla apply -f fleet/ --dry-run',
    'flotilla get applications -o yaml > fleet.yaml && flotilla apply -f fleet.yaml',
    '# a source and an application of it',
    "flotilla apply -f - <<'EOF'",
    'apiVersion: flotilla.dev/v1',
    'kind: Source',
    'metadata: { name: web }',
    'spec: { url: https://git.example.com/web.git, revision: { branch: main } }',
    '---',
    'apiVersion: flotilla.dev/v1',
    'kind: Application',
    'metadata: { name: web }',
    'spec: { source: web, path: deploy, placement: { matchLabels: { tier: web } } }',
    'EOF',
  ).action(async ({ filename, recursive = false, dryRun = false }: Options, self: Command) => {
    // Schemas and YAML take longer to load than most commands take to run.
    const { readFiles } = await import('#src/cli/documents/read');
    const { declarationsOf } = await import('#src/cli/documents/declarations');
    const { applyDeclarations } = await import('#src/cli/documents/apply');
    const declarations = declarationsOf(await readFiles(io, filename, recursive));
    await applyDeclarations(io, connect(self, io), declarations, dryRun);
  });
}
