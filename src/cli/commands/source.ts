import type { Command } from 'commander';
import { answered, creating } from '../client/answers';
import type { SourceDocument } from '../client/types';
import { connect, withHubOptions } from '../connection';
import { CliError } from '../errors';
import { readTextFile } from '../files';
import { withExamples } from '../help';
import type { Io } from '../io';
import { deleteSource, listSources, sourceKind, sourceView } from '../kinds/sources';
import { durationText } from '../output/age';
import { type OutputOptions, withOutput } from '../output/options';
import { showList } from '../output/show';
import { durationValue } from '../values';
import { showOne } from './show-one';

interface CreateOptions {
  gitUrl: string;
  branch?: string;
  tag?: string;
  semver?: string;
  commit?: string;
  poll?: number;
  caFile?: string;
  credentialsStdin?: boolean;
}

export function sourceCommands(program: Command, io: Io): void {
  const group = program
    .command('source')
    .aliases(['sources', 'src'])
    .helpGroup('Resources:')
    .description('the Git repositories that are followed');

  const list = group.command('list').alias('ls').description('list sources');
  withExamples(withHubOptions(withOutput(list, { watch: true })), 'flotilla source list -o wide').action(
    async (options: OutputOptions, self: Command) => {
      const hub = connect(self, io);
      await showList(io, options, sourceView, () => listSources(hub));
    },
  );
  showOne(group, io, sourceKind, 'flotilla source show web');
  create(group, io);

  const refresh = group.command('refresh').description('look at the repository at once').argument('<name>');
  withExamples(withHubOptions(refresh), 'flotilla source refresh web').action(
    async (name: string, _options: unknown, self: Command) => {
      const hub = connect(self, io);
      await answered(hub.api.POST('/api/v1/sources/{name}/refresh', { params: { path: { name } } }));
      io.stdout.write(`source/${name} is looked at now\n`);
    },
  );

  const remove = group
    .command('delete')
    .alias('rm')
    .description('delete a source that no application uses')
    .argument('<name>');
  withExamples(withHubOptions(remove), 'flotilla source delete web').action(
    async (name: string, _options: unknown, self: Command) => {
      io.stdout.write(`${await deleteSource(connect(self, io), name)}\n`);
    },
  );
}

function create(group: Command, io: Io): void {
  const command = group
    .command('create')
    .description('follow a Git repository')
    .argument('<name>')
    .requiredOption('--git-url <url>', 'https://, ssh:// or git@host:path; a folder of the hub where that is allowed')
    .option('--branch <name>', 'follow a branch; main unless told')
    .option('--tag <pattern>', 'follow the newest tag of this name or glob')
    .option('--semver <range>', 'follow the highest version tag in this range')
    .option('--commit <sha>', 'stay at this commit')
    .option('--poll <duration>', 'how often to look; 60s unless told', durationValue)
    .option('--ca-file <file>', 'PEM certificates to trust for the repository, beside the public authorities')
    .option('--credentials-stdin', 'read credentials from standard input, as YAML or JSON');
  withExamples(
    withHubOptions(command),
    'flotilla source create web --git-url https://git.example.com/web.git --branch main',
    '# with an access token; also: kind basic (username, password), bearer (token), ssh (privateKey, knownHosts)',
    `echo "{kind: token, token: $TOKEN}" | flotilla source create web --git-url https://git.example.com/web.git --credentials-stdin`,
  ).action(async (name: string, options: CreateOptions, self: Command) => {
    const body = await documentOf(io, name, options);
    const hub = connect(self, io);
    await answered(hub.api.POST('/api/v1/sources', { body, ...creating() }));
    const every = durationText(options.poll ?? 60_000);
    io.stdout.write(`source/${name} created; it is looked at every ${every}: flotilla source show ${name}\n`);
  });
}

async function documentOf(io: Io, name: string, options: CreateOptions): Promise<SourceDocument> {
  const { gitUrl: url, branch, tag, semver, commit, poll, caFile, credentialsStdin } = options;
  const revisions = Object.entries({ branch, tag, semver, commit }).filter(([, value]) => value !== undefined);
  if (revisions.length > 1) throw CliError.usage('--branch, --tag, --semver and --commit exclude each other');
  const spec: SourceDocument['spec'] = { url };
  if (revisions.length === 1) spec.revision = Object.fromEntries(revisions) as SourceDocument['spec']['revision'];
  if (poll !== undefined) spec.pollSeconds = Math.round(poll / 1000);
  if (caFile !== undefined) spec.caCertificate = readTextFile(io, caFile);
  if (credentialsStdin === true) spec.credentials = await credentialsOf(io);
  return { metadata: { name }, spec };
}

async function credentialsOf(io: Io): Promise<SourceDocument['spec']['credentials']> {
  const { parse } = await import('yaml');
  try {
    // The hub says which field is wrong.
    return parse(await io.stdin.text(200_000)) as SourceDocument['spec']['credentials'];
  } catch (error) {
    if (error instanceof CliError) throw error;
    // The parser's message quotes what it read.
    throw CliError.usage('the credentials on standard input are no YAML', 'such as {kind: token, token: …}');
  }
}
