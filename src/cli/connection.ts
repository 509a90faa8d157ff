import type { Command } from 'commander';
import type * as hubModule from './client/hub';
import type { Hub } from './client/hub';
import type * as contextsModule from './contexts';
import type { Context, Contexts } from './contexts';
import { CliError } from './errors';
import { exitCodes } from './exit-codes';
import type { Io } from './io';

export interface HubFlags {
  context?: string;
  url?: string;
}

export interface Target {
  url: string;
  token: string;
  ca?: string;
  /** Name of the context that it is from; undefined when it is from flags or the environment. */
  context?: string;
}

/** Options of every command that speaks to a hub. They may also stand before the command. */
export function withHubOptions(command: Command): Command {
  return command
    .option('--context <name>', 'use this context instead of the current one')
    .option('--url <url>', 'address of the hub, with the token in FLOTILLA_TOKEN');
}

/** The hub that a command speaks to. */
export function connect(command: Command, io: Io): Hub {
  return connectBy(command.optsWithGlobals<HubFlags>(), io);
}

export function connectBy(flags: HubFlags, io: Io): Hub {
  const { readContexts } = require('./contexts') as typeof contextsModule;
  const { openHub } = require('./client/hub') as typeof hubModule;
  return openHub(
    chooseTarget(flags, io.env, () => readContexts(io)),
    io,
  );
}

/**
 * Flags before environment before the file. A stored token goes only to the address that it was stored with.
 * Throws a CliError where nothing says which hub is meant.
 */
export function chooseTarget(flags: HubFlags, env: Io['env'], read: () => Contexts): Target {
  const { FLOTILLA_URL, FLOTILLA_TOKEN, FLOTILLA_CONTEXT } = env;
  if (flags.url !== undefined && flags.context !== undefined) {
    throw CliError.usage('--url and --context both say which hub is meant: give one of them');
  }
  if (flags.url !== undefined) return byUrl(flags.url, FLOTILLA_TOKEN, read);
  if (flags.context !== undefined) return byName(flags.context, read());
  if (given(FLOTILLA_URL)) return byUrl(FLOTILLA_URL, FLOTILLA_TOKEN, read);
  const contexts = read();
  const name = given(FLOTILLA_CONTEXT) ? FLOTILLA_CONTEXT : contexts.current;
  if (name === undefined) {
    throw new CliError(exitCodes.unauthorised, 'not logged in to a hub', {
      hint: 'log in with `flotilla login URL`, or start one on this machine with `npm start`',
    });
  }
  const target = byName(name, contexts);
  return given(FLOTILLA_TOKEN) ? { ...target, token: FLOTILLA_TOKEN } : target;
}

function given(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}

function byName(name: string, { contexts }: Contexts): Target {
  const found = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  if (found !== undefined) return { ...found, url: normalUrl(found.url), context: name };
  const names = Object.keys(contexts);
  throw CliError.usage(
    `there is no context "${name}"`,
    names.length === 0 ? 'log in with `flotilla login URL`' : `there are: ${names.sort().join(', ')}`,
  );
}

function byUrl(text: string, token: string | undefined, read: () => Contexts): Target {
  const url = normalUrl(text);
  const stored = Object.values(read().contexts).find((context: Context) => normalUrl(context.url) === url);
  if (given(token)) return { url, token, ...(stored?.ca === undefined ? {} : { ca: stored.ca }) };
  if (stored !== undefined) return { ...stored, url };
  throw new CliError(exitCodes.unauthorised, `there is no token for ${url}`, {
    hint: `set FLOTILLA_TOKEN, or log in with \`flotilla login ${url}\``,
  });
}

/** Without a slash at its end; throws a CliError for what is no address of a hub. */
export function normalUrl(text: string): string {
  const url = URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw CliError.usage(`"${text}" is no address of a hub`, 'give one such as https://flotilla.example.com');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw CliError.usage('an address of a hub has no user, password, query or fragment');
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
