import type { Argument, Command, Option } from 'commander';
import { exitCodeMeanings } from '../exit-codes';
import { examples } from '../help';

const helpOptions = new Set(['--help', '--version']);

/** The reference of a program as Markdown: every command with its arguments, options and examples. */
export function referenceOf(program: Command): string {
  const parts = [
    '# Command line\n',
    'Made from the program by `node scripts/cli-reference.js`; `flotilla COMMAND --help` says the same.\n',
    environmentText,
    `## Exit codes\n\n| code | meaning |\n|---|---|\n${exitCodeMeanings.map(([code, meaning]) => `| ${code} | ${escape(meaning)} |\n`).join('')}`,
    ...program.commands.flatMap((command) => sectionsOf(command, program.name(), 2)),
  ];
  return parts.join('\n');
}

const environmentText = `## Which hub

\`flotilla login\` keeps address and token of a hub as a *context* in \`config.yaml\` below \`$FLOTILLA_HOME\`, else
\`$XDG_CONFIG_HOME/flotilla\`, else \`~/.config/flotilla\`. Only its owner can read
it. Which hub is meant is said by the first of these that is there:

| what | token |
|---|---|
| \`--url URL\` | \`FLOTILLA_TOKEN\`, or the one that was stored with this address |
| \`--context NAME\` | of the context |
| \`FLOTILLA_URL\` | \`FLOTILLA_TOKEN\`, or the one that was stored with this address |
| \`FLOTILLA_CONTEXT\` | \`FLOTILLA_TOKEN\`, or of the context |
| the current context | \`FLOTILLA_TOKEN\`, or of the context |

\`--url\` and \`--context\` may stand before the command or after it. \`NO_COLOR\` switches colours off.
`;

function sectionsOf(command: Command, above: string, level: number): string[] {
  const name = `${above} ${command.name()}`;
  const inner = command.commands.filter((each) => each.name() !== 'help');
  const head = `${'#'.repeat(Math.min(level, 4))} ${name}\n\n${capital(escape(command.description()))}.\n`;
  const aliases = command.aliases();
  const text = [
    head,
    ...(aliases.length > 0 ? [`Also \`${aliases.map((alias) => `${above} ${alias}`).join('`, `')}\`.\n`] : []),
    ...(inner.length === 0 ? [usageOf(command, name)] : []),
    ...examplesOf(command),
  ];
  return [text.join('\n'), ...inner.flatMap((each) => sectionsOf(each, name, level + 1))];
}

function usageOf(command: Command, name: string): string {
  const words = command.registeredArguments.map(argumentText);
  const rows = [
    ...command.registeredArguments.filter(({ description }) => description !== '').map(argumentRow),
    ...command.options.filter(({ long, hidden }) => !hidden && !helpOptions.has(long ?? '')).map(optionRow),
  ];
  const usage = `\`\`\`\n${[name, ...words, ...(command.options.length > 0 ? ['[options]'] : [])].join(' ')}\n\`\`\`\n`;
  return rows.length === 0 ? usage : `${usage}\n| argument or option | what it is |\n|---|---|\n${rows.join('')}`;
}

function examplesOf(command: Command): string[] {
  const lines = examples(command);
  return lines.length === 0 ? [] : [`\`\`\`sh\n${lines.join('\n')}\n\`\`\`\n`];
}

function argumentText(argument: Argument): string {
  const name = argument.name() + (argument.variadic ? '...' : '');
  return argument.required ? `<${name}>` : `[${name}]`;
}

function argumentRow(argument: Argument): string {
  return `| \`${argumentText(argument)}\` | ${escape(argument.description)} |\n`;
}

function optionRow(option: Option): string {
  const { defaultValue, defaultValueDescription } = option;
  const simple =
    typeof defaultValue === 'string' || typeof defaultValue === 'number' ? String(defaultValue) : undefined;
  const shownDefault = defaultValueDescription ?? simple;
  const notes = [
    ...(option.mandatory ? ['required'] : []),
    ...(option.argChoices === undefined ? [] : [option.argChoices.join(', ')]),
    ...(option.envVar === undefined ? [] : [`or \`${option.envVar}\``]),
    ...(shownDefault === undefined ? [] : [`\`${shownDefault}\` unless told`]),
  ];
  const more = notes.length === 0 ? '' : ` (${notes.join('; ')})`;
  return `| \`${option.flags.replace(/\|/g, '\\|')}\` | ${escape(option.description)}${escape(more)} |\n`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Of a cell of a table. */
function escape(text: string): string {
  return text
    .replace(/\|/g, '\\|')
    .replace(/</g, '&lt;')
    .replace(/`([^`]*)`/g, (code) => code.replace(/&lt;/g, '<'));
}
