import { parse as parseYaml } from 'yaml';
import { suggestion } from '#libs/text/suggestion';
import { validate } from '#src/hub/http/validation';
import { type HubConfig, hubConfigSchema } from './schema';
import { type ConfigVariable, configVariables, variableFor } from './variables';

export type LoadedConfig = { ok: true; config: HubConfig } | { ok: false; errors: string[] };

export type Environment = Readonly<Record<string, string | undefined>>;

type Tree = Record<string, unknown>;

/** Kubernetes sets these in every pod beside a Service whose name begins with `flotilla`. */
const serviceLink = /_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_(TCP|UDP)(_|$)/;

/** Variables that are read elsewhere: of the program, its build and its tests. */
const otherVariables =
  /^FLOTILLA_(CONFIG|CONTEXT|TOKEN|URL|JOIN_TOKEN|HUB_URL|HOME|CACHE|QUIET_BUILD|TEST_.*|RUN_.*|PARTS_.*|AGENT_.*|CLI_.*)$/;

/**
 * The configuration from the file that `FLOTILLA_CONFIG` names (YAML or JSON) and from variables, which win. All that is
 * wrong is said at once, each with its field, its variable and what to do; values are not shown.
 * @param readFile throws when the file cannot be read
 */
export function loadHubConfig(env: Environment, readFile: (path: string) => string): LoadedConfig {
  const errors: string[] = [];
  const tree = fromFile(env['FLOTILLA_CONFIG'], readFile, errors);
  for (const variable of configVariables) setFromEnvironment(tree, variable, env, readFile, errors);
  errors.push(...unknownVariables(env));
  const outcome = validate(hubConfigSchema, tree, 'configuration');
  if (outcome.ok && errors.length === 0) return { ok: true, config: outcome.value };
  if (!outcome.ok) errors.push(...outcome.errors.map(({ field, message }) => describe(field, message)));
  return { ok: false, errors };
}

function fromFile(path: string | undefined, readFile: (path: string) => string, errors: string[]): Tree {
  if (path === undefined || path === '') return {};
  try {
    const tree: unknown = parseYaml(readFile(path));
    if (tree === null || tree === undefined) return {};
    if (isTree(tree)) return structuredClone(tree);
    errors.push(`FLOTILLA_CONFIG: ${path} holds no mapping; it should look like \`http: { port: 8420 }\``);
  } catch (error) {
    // Not the message of the parser: it quotes lines of the file.
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'not readable';
    errors.push(`FLOTILLA_CONFIG: ${path} cannot be read as YAML or JSON (${reason})`);
  }
  return {};
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function setFromEnvironment(
  tree: Tree,
  variable: ConfigVariable,
  env: Environment,
  readFile: (path: string) => string,
  errors: string[],
): void {
  let text = env[variable.name];
  const file = variable.secret ? env[`${variable.name}_FILE`] : undefined;
  if (file !== undefined && file !== '') {
    if (text !== undefined && text !== '') {
      errors.push(`${variable.name} and ${variable.name}_FILE are both set: keep one of them`);
    }
    try {
      text = readFile(file).trim();
    } catch {
      errors.push(`${variable.name}_FILE: ${file} cannot be read`);
      return;
    }
  }
  if (text === undefined || text === '') return;
  let folder = tree;
  for (const part of variable.path.slice(0, -1)) {
    const next = folder[part];
    folder = folder[part] = isTree(next) ? next : {};
  }
  folder[variable.path.at(-1) ?? ''] = valueOf(variable, text);
}

function valueOf(variable: ConfigVariable, text: string): unknown {
  if (variable.kind === 'list') return text.split(',').map((item) => item.trim());
  if (variable.kind === 'boolean' && /^(true|1|yes)$/i.test(text)) return true;
  if (variable.kind === 'boolean' && /^(false|0|no)$/i.test(text)) return false;
  return text;
}

function unknownVariables(env: Environment): string[] {
  const known = configVariables.flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name]));
  return Object.keys(env)
    .filter((name) => name.startsWith('FLOTILLA_') && !known.includes(name) && !otherVariables.test(name))
    .filter((name) => !serviceLink.test(name) && !/^(tcp|udp):\/\//.test(env[name] ?? ''))
    .map((name) => `${name}: the hub knows no such variable; ${suggestion(name, known) || 'unset it'}`);
}

function describe(field: string, message: string): string {
  const path = field.replace(/\[\d+\]/g, '').split('.');
  const leaf = configVariables.find((variable) => variable.path.join('.') === path.join('.'));
  if (leaf !== undefined) {
    const variable = leaf.secret ? `${leaf.name} or ${leaf.name}_FILE` : leaf.name;
    return `${field} (${variable}): ${message}${leaf.description === undefined ? '' : ` — ${leaf.description}`}`;
  }
  const below = configVariables.filter((variable) => variable.path[0] === path[0]).map(({ name }) => name);
  const where =
    below.length > 0 && path.length === 1 && below.includes(variableFor(path)) === false ? ` (${below[0]} …)` : '';
  return `${field}${where}: ${message}`;
}
