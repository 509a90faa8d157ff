import { groupBy } from '#libs/collections';
import { type Application, type Status, type Target, type TargetCounts, targetStates } from '../client/types';
import { ago, durationText } from '../output/age';
import { type Paint, stateColour } from '../output/colour';
import { type Column, table } from '../output/table';
import { counted, plain, shortened } from '../output/text';
import { countColumns } from './applications';
import { howToAddClusters } from './clusters';
import { holdText } from './holds';
import { clustersText, type Unwell, unwellOf } from './unwell';
import type { Waiting } from './waiting';

const maxShown = 10;

/** What `flotilla status` shows. */
export interface FleetView {
  status: Status;
  /** One for each application and region, or for each application where there are many targets. */
  rows: StatusRow[];
  /** The first targets that are not well. */
  wrong: Target[];
  /** What does not go on until a person does something. */
  waiting: Waiting[];
}

export interface StatusRow {
  application: string;
  region?: string;
  counts: TargetCounts;
}

export function rowsOfTargets(targets: readonly Target[]): StatusRow[] {
  const groups = groupBy(targets, ({ application, region }) => JSON.stringify([application, region]));
  return [...groups.values()]
    .map((group): StatusRow => {
      const counts = { total: group.length } as TargetCounts;
      for (const state of targetStates) counts[state] = group.filter((target) => target.state === state).length;
      return { application: group[0]?.application ?? '', region: group[0]?.region, counts };
    })
    .sort((a, b) => compare(a.application, b.application) || compare(a.region ?? '', b.region ?? ''));
}

export function rowsOfApplications(applications: readonly Application[]): StatusRow[] {
  return applications.map(({ metadata, status }) => ({ application: metadata.name, counts: status.targets }));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function statusText({ status, rows, wrong, waiting }: FleetView, now: Date, paint: Paint): string {
  const { clusters, targets } = status;
  const said = [
    `Clusters  ${paint(`${clusters.online} of ${clusters.total} online`, clusters.online === clusters.total ? 'green' : 'yellow')}` +
      ` (${clusters.pending} pending, ${paint(`${clusters.unknown} unknown`, clusters.unknown > 0 ? 'red' : undefined)})`,
    `Targets   ${paint(`${targets.inSync} of ${targets.total} in sync`, targets.inSync === targets.total ? 'green' : 'yellow')}` +
      ` (${targets.progressing} progressing, ${targets.drifted} drifted, ${targets.failed} failed, ${targets.unknown} unknown)`,
    ...noticesOf(status, now).map((notice) => paint(plain(notice), 'yellow')),
  ];
  if (clusters.total === 0) said.push('', `No clusters yet. ${howToAddClusters}`);
  else if (status.applications.total === 0)
    said.push('', 'No applications yet. Say in a file what runs where, and: flotilla apply -f FILE');
  const lines = said.map((line) => `${line}\n`).join('');
  const fleet = rows.length === 0 ? '' : `\n${table(columnsOf(rows), rows, { paint })}`;
  return lines + fleet + wrongText(wrong, targets, paint) + waitingText(waiting, paint);
}

function noticesOf({ agentsAhead = 0, blindSince, holds = [], sources }: Status, now: Date): string[] {
  const notices = holds.map(
    (hold) => `Held: ${holdText(hold)}, ${ago(hold.createdAt, now)} by ${hold.createdBy}: ${hold.reason}`,
  );
  if (blindSince != null) {
    const late = durationText(now.getTime() - Date.parse(blindSince));
    notices.unshift(`Blind for ${late}: what clusters say arrives late, so what is shown here may be old`);
  }
  if (agentsAhead > 0) {
    notices.unshift(
      `${counted(agentsAhead, 'agent')} ${agentsAhead === 1 ? 'holds' : 'hold'} a newer state than this hub: was its ` +
        'database restored? Where the hub runs: flotilla hub restore',
    );
  }
  if (sources !== undefined && sources.failing > 0) {
    notices.push(`${counted(sources.failing, 'source')} cannot be fetched: flotilla source list -o wide`);
  }
  return notices;
}

function columnsOf(rows: readonly StatusRow[]): Column<StatusRow>[] {
  const region: Column<StatusRow> = { header: 'REGION', value: (row) => row.region };
  return [
    { header: 'APPLICATION', value: ({ application }) => application },
    ...(rows.some((row) => row.region !== undefined) ? [region] : []),
    ...countColumns(({ counts }: StatusRow) => counts),
  ];
}

function wrongText(wrong: readonly Target[], targets: TargetCounts, paint: Paint): string {
  if (wrong.length === 0) return '';
  const groups = unwellOf(wrong).slice(0, maxShown);
  const columns: Column<Unwell>[] = [
    { header: 'NOT WELL', value: ({ application, clusters }) => `${application} on ${clustersText(clusters)}` },
    { header: 'STATE', value: ({ state }) => state, colour: ({ state }) => stateColour(state) },
    { header: 'MESSAGE', value: ({ message }) => message },
  ];
  const shown = groups.reduce((sum, { clusters }) => sum + clusters.length, 0);
  const more = targets.failed + targets.drifted + targets.unknown - shown;
  return `\n${table(columns, groups, { paint })}${more > 0 ? `and ${more} more: flotilla get targets\n` : ''}`;
}

function waitingText(waiting: readonly Waiting[], paint: Paint): string {
  if (waiting.length === 0) return '';
  const columns: Column<Waiting>[] = [
    { header: 'WAITS FOR YOU', value: ({ application }) => application, colour: () => 'yellow' },
    { header: 'WHAT', value: ({ what }) => shortened(what, 100) },
    { header: 'SEE', value: ({ see }) => see },
  ];
  const more = waiting.length - maxShown;
  const others = more > 0 ? `and ${more} more: flotilla get applications -o wide\n` : '';
  return `\n${table(columns, waiting.slice(0, maxShown), { paint })}${others}`;
}

/** What changes in it by itself is left out. */
export function statusKey({ status, rows, wrong, waiting }: FleetView): string {
  const { clusters, targets, holds, sources, blindSince, agentsAhead } = status;
  return JSON.stringify([
    clusters,
    targets,
    holds,
    sources,
    agentsAhead,
    blindSince === undefined,
    rows,
    wrong.map(({ message }) => message),
    waiting,
  ]);
}
