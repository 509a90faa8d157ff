import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { CliError } from './errors';

/** A hub and how to log in to it. */
export interface Context {
  url: string;
  token: string;
  /** PEM certificates to trust for it, instead of the system's. */
  ca?: string;
}

export interface Contexts {
  current?: string;
  contexts: Record<string, Context>;
}

/** What decides where the file lies. */
export interface ConfigPlace {
  env: Readonly<Record<string, string | undefined>>;
  home: string;
}

const maxSizeBytes = 1024 * 1024;
const namePattern = /^[A-Za-z0-9][-A-Za-z0-9_.:@]{0,99}$/;

/** `$FLOTILLA_HOME`, else `$XDG_CONFIG_HOME/flotilla`, else `~/.config/flotilla`; in it `config.yaml`. */
export function configFile({ env, home }: ConfigPlace): string {
  const { FLOTILLA_HOME: own, XDG_CONFIG_HOME: shared } = env;
  if (own !== undefined && own !== '') return path.join(own, 'config.yaml');
  return path.join(
    shared !== undefined && shared !== '' ? shared : path.join(home, '.config'),
    'flotilla',
    'config.yaml',
  );
}

/** None where the file does not exist. Throws a CliError when it is not what was written. */
export function readContexts(place: ConfigPlace): Contexts {
  const file = configFile(place);
  let text: string;
  try {
    if (statSync(file).size > maxSizeBytes) throw unreadable(file, `is larger than ${maxSizeBytes} bytes`);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof CliError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { contexts: {} };
    throw unreadable(file, `cannot be read (${code ?? 'unknown error'})`);
  }
  return contextsOf(text, file);
}

export function requireContextName(name: string): void {
  if (namePattern.test(name)) return;
  throw CliError.usage(
    `"${name}" is no name for a context`,
    'use letters, digits, `-`, `_`, `.`, `:` and `@`; at most 100 of them',
  );
}

/** Replaces the file at once, readable by its owner alone. Returns its path. */
export function writeContexts(contexts: Contexts, place: ConfigPlace): string {
  const file = configFile(place);
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}.new`;
  const { current, contexts: all } = contexts;
  const text = stringify({ ...(current === undefined ? {} : { currentContext: current }), contexts: all });
  try {
    writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' });
    chmodSync(temporary, 0o600);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw unreadable(file, `cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
  return file;
}

export interface NewContext extends Context {
  name: string;
  /** Commands use it from now on; also when there is no current one. */
  makeCurrent: boolean;
}

/** Adds a context or replaces the one of that name. Returns the path of the file. */
export function writeContext(
  { name, url, token, ca, makeCurrent }: NewContext,
  place: ConfigPlace = { env: process.env, home: homedir() },
): string {
  requireContextName(name);
  const { current, contexts } = readContexts(place);
  const context: Context = { url, token, ...(ca === undefined ? {} : { ca }) };
  const next = makeCurrent || current === undefined ? name : current;
  return writeContexts({ current: next, contexts: { ...contexts, [name]: context } }, place);
}

function contextsOf(text: string, file: string): Contexts {
  let parsed: unknown;
  try {
    parsed = parse(text, { maxAliasCount: 0 });
  } catch {
    // The parser's message quotes lines, which hold tokens.
    throw unreadable(file, 'is no valid YAML');
  }
  if (parsed === null || parsed === undefined) return { contexts: {} };
  const { currentContext, contexts } = parsed as { currentContext?: unknown; contexts?: unknown };
  const entries = Object.entries(contexts !== null && typeof contexts === 'object' ? contexts : {});
  return {
    ...(typeof currentContext === 'string' ? { current: currentContext } : {}),
    contexts: Object.fromEntries(
      entries.map(([name, value]) => [name, contextOf(name, value as Partial<Context>, file)]),
    ),
  };
}

function contextOf(name: string, value: Partial<Context> | null, file: string): Context {
  const { url, token, ca } = value ?? {};
  if (typeof url === 'string' && typeof token === 'string')
    return { url, token, ...(typeof ca === 'string' ? { ca } : {}) };
  throw unreadable(file, `has no url or no token in contexts.${name}`);
}

function unreadable(file: string, problem: string): CliError {
  return CliError.failed(`${file} ${problem}`, {
    hint: 'mend it, or remove it and log in again: `flotilla login URL`',
  });
}
