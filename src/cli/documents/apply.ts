import pLimit from 'p-limit';
import type { Hub } from '../client/hub';
import { CliError } from '../errors';
import type { Io } from '../io';
import type { Declaration } from './check';
import { type Current, documentFor, isUnchanged } from './compare';
import { joinCommandOf, resources } from './resources';

const concurrency = 8;

interface Step {
  declaration: Declaration;
  current: Current | undefined;
}

/** Brings the hub to what is declared, in this order, and says for each what became of it. */
export async function applyDeclarations(
  io: Io,
  hub: Hub,
  declarations: readonly Declaration[],
  dryRun: boolean,
): Promise<void> {
  const limit = pLimit(concurrency);
  const steps = await Promise.all(
    declarations.map((declaration) =>
      limit(async (): Promise<Step> => {
        return { declaration, current: await resources[declaration.kind].find(hub, declaration.name) };
      }),
    ),
  );
  await requireSources(hub, declarations);
  const changed = { count: 0 };
  for (const step of steps) await take(io, hub, step, dryRun, changed, steps.length);
}

/** Applications of a source that is not there would be refused when the half has been done. */
async function requireSources(hub: Hub, declarations: readonly Declaration[]): Promise<void> {
  const declared = new Set(declarations.filter(({ kind }) => kind === 'Source').map(({ name }) => name));
  const missing: string[] = [];
  const asked = new Map<string, boolean>();
  for (const { kind, document, name, at } of declarations) {
    if (kind !== 'Application' || declared.has(document.spec.source)) continue;
    const { source } = document.spec;
    if (!asked.has(source)) asked.set(source, (await resources.Source.find(hub, source)) !== undefined);
    if (asked.get(source) === false)
      missing.push(`${at}: application/${name} names source "${source}", which is not there`);
  }
  if (missing.length > 0) {
    throw CliError.failed('nothing was changed, since a source is missing', {
      details: missing,
      hint: 'declare it in the same file, or create it: `flotilla source create NAME --git-url URL`',
    });
  }
}

async function take(
  io: Io,
  hub: Hub,
  step: Step,
  dryRun: boolean,
  changed: { count: number },
  of: number,
): Promise<void> {
  const { declaration, current } = step;
  const resource = resources[declaration.kind];
  const shown = `${declaration.kind.toLowerCase()}/${declaration.name}`;
  const say = (what: string) => io.stdout.write(`${shown} ${what}${dryRun ? ' (dry run)' : ''}\n`);
  const document = documentFor(declaration, current);
  if (current !== undefined && isUnchanged(document, current)) {
    say('unchanged');
    return;
  }
  if (dryRun) {
    say(current === undefined ? 'created' : 'configured');
    return;
  }
  try {
    if (current === undefined) {
      const created = await resource.create(hub, document);
      say('created');
      const join = joinCommandOf(created);
      if (join !== undefined) io.stderr.write(`  to join it: ${join}\n`);
    } else {
      const after = await resource.replace(hub, declaration.name, document, current.metadata.version);
      say(after.metadata.version === current.metadata.version ? 'unchanged' : 'configured');
    }
    changed.count += 1;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const { details = [], hint } = error.parts;
    throw new CliError(error.exitCode, `${declaration.at}: ${shown}: ${error.message}`, {
      details: [...details, ...(changed.count > 0 ? [`${changed.count} of ${of} were applied before it`] : [])],
      hint: hint ?? 'mend it and apply again: what is applied already stays unchanged',
    });
  }
}
