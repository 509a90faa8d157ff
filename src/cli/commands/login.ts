import type { Command } from 'commander';
import { normalUrl } from '../connection';
import { CliError } from '../errors';
import { readTextFile } from '../files';
import { withExamples } from '../help';
import type { Io } from '../io';

interface Options {
  token?: string;
  tokenStdin?: boolean;
  context?: string;
  ca?: string;
}

const maxTokenSizeBytes = 4096;

export function loginCommand(program: Command, io: Io): void {
  withExamples(
    program
      .command('login')
      .helpGroup('Access:')
      .description('log in to a hub: keep its address and a token as a context')
      .argument('<url>', 'address of the hub')
      .option('--token-stdin', 'read the token from standard input')
      .option('--token <token>', 'the token; others on this machine may see it, so prefer --token-stdin')
      .option('--context <name>', 'name of the context; the host of the hub unless told')
      .option('--ca <file>', 'PEM certificates to trust for this hub, instead of the system’s')
      .action(async (text: string, options: Options) => await login(io, text, options)),
    'flotilla login https://flotilla.example.com',
    'flotilla login https://flotilla.example.com --token-stdin --context prod < token.txt',
  );
}

async function login(io: Io, text: string, options: Options): Promise<void> {
  const { writeContext } = await import('#src/cli/contexts');
  const { openHub } = await import('#src/cli/client/hub');
  const { answered } = await import('#src/cli/client/answers');
  const url = normalUrl(text);
  const parsed = new URL(url);
  if (parsed.protocol === 'http:' && !['127.0.0.1', '[::1]', 'localhost'].includes(parsed.hostname)) {
    io.stderr.write('warning: http:// sends the token in the clear; use https://\n');
  }
  const name = options.context ?? parsed.host;
  const ca = options.ca === undefined ? undefined : readTextFile(io, options.ca);
  const token = await tokenOf(io, options);
  const hub = openHub({ url, token, ...(ca === undefined ? {} : { ca }) }, io);
  const caller = await answered(hub.api.GET('/api/v1/caller'));
  writeContext({ name, url, token, makeCurrent: true, ...(ca === undefined ? {} : { ca }) }, io);
  io.stdout.write(`Logged in to ${url} as ${caller.name} (${caller.role}). The context is "${name}".\n`);
}

async function tokenOf(io: Io, { token, tokenStdin }: Options): Promise<string> {
  if (token !== undefined && tokenStdin === true) throw CliError.usage('--token and --token-stdin exclude each other');
  const found = token ?? (tokenStdin === true ? await io.stdin.text(maxTokenSizeBytes) : io.env['FLOTILLA_TOKEN']);
  const text = (found === undefined && io.stdin.isTTY ? await io.stdin.ask('Token: ', true) : (found ?? '')).trim();
  if (text === '') throw CliError.usage('a token is needed', 'give it with --token-stdin, or in FLOTILLA_TOKEN');
  // What is no header value would fail with an error that shows it.
  if (!/^[\x21-\x7e]+$/.test(text))
    throw CliError.usage('this is no token: it holds spaces or other characters', 'they begin with flt_');
  return text;
}
