import { answered } from '../client/answers';
import type { Hub } from '../client/hub';
import { allItems } from '../client/pages';
import type { Application, TargetState } from '../client/types';
import { age } from '../output/age';
import { type Colour, stateColour } from '../output/colour';
import type { View } from '../output/show';
import type { Column } from '../output/table';
import { shortCommit, shortened } from '../output/text';
import { describeApplication } from './describe-application';
import type { Kind } from './kind';
import { listTargets } from './targets';

const maxWrongTargets = 20;

const countHeaders: [TargetState, string][] = [
  ['inSync', 'IN SYNC'],
  ['progressing', 'PROGRESSING'],
  ['drifted', 'DRIFTED'],
  ['failed', 'FAILED'],
  ['unknown', 'UNKNOWN'],
];

/** Columns of counts by state; what is not zero and not well is coloured. */
export function countColumns<T>(countsOf: (item: T) => { total: number } & Record<TargetState, number>): Column<T>[] {
  const colour = (state: TargetState, count: number): Colour | undefined => (count === 0 ? 'dim' : stateColour(state));
  return [
    { header: 'TARGETS', value: (item) => countsOf(item).total, right: true },
    ...countHeaders.map(([state, header]): Column<T> => ({
      header,
      value: (item) => countsOf(item)[state],
      right: true,
      colour: (item) => colour(state, countsOf(item)[state]),
    })),
  ];
}

export const applicationView: View<Application> = {
  columns: (now) => [
    { header: 'NAME', value: ({ metadata }) => metadata.name },
    { header: 'STATE', value: ({ status }) => status.state, colour: ({ status }) => stateColour(status.state) },
    { header: 'RELEASE', value: ({ status }) => (status.release ? `#${status.release.number}` : undefined) },
    { header: 'COMMIT', value: ({ status }) => shortCommit(status.release?.commit) },
    ...countColumns(({ status }: Application) => status.targets),
    { header: 'AGE', value: ({ metadata }) => age(metadata.createdAt, now), moving: true },
    { header: 'SOURCE', value: ({ spec }) => spec.source, wide: true },
    { header: 'PATH', value: ({ spec }) => spec.path, wide: true },
    { header: 'MESSAGE', value: ({ status }) => shortened(status.message ?? '', 100), wide: true },
  ],
  nameOf: ({ metadata }) => `application/${metadata.name}`,
  empty: 'No applications. Declare one in a file and run `flotilla apply -f FILE`; `flotilla apply --help` shows one',
  documents: true,
};

export async function listApplications(hub: Hub): Promise<Application[]> {
  return await allItems((query) => answered(hub.api.GET('/api/v1/applications', { params: { query } })));
}

export async function getApplication(hub: Hub, name: string): Promise<Application> {
  return await answered(hub.api.GET('/api/v1/applications/{name}', { params: { path: { name } } }));
}

export async function deleteApplication(hub: Hub, name: string, workloads: 'leave' | 'remove'): Promise<string> {
  const params = { path: { name }, query: { workloads } };
  const { state } = await answered(hub.api.DELETE('/api/v1/applications/{name}', { params }));
  const until = state === 'deleting' ? ', until its agents have said that it is done' : '';
  return `application/${name} ${state}${until}; its workloads ${workloads === 'leave' ? 'stay as they are' : 'are removed'}`;
}

export const applicationKind: Kind<Application> = {
  name: 'application',
  plural: 'applications',
  aliases: ['app', 'apps'],
  view: applicationView,
  list: listApplications,
  get: getApplication,
  describe: async (hub, application, now) => {
    const of = (state: TargetState) =>
      listTargets(hub, { application: application.metadata.name, state }, maxWrongTargets);
    const { failed, drifted, unknown, progressing } = application.status.targets;
    const wrong = [
      ...(failed > 0 ? await of('failed') : []),
      ...(drifted > 0 ? await of('drifted') : []),
      ...(unknown > 0 ? await of('unknown') : []),
      // Their message says what they wait for, which is often what is wrong.
      ...(progressing > 0 ? await of('progressing') : []),
    ];
    return describeApplication(application, wrong, now);
  },
  delete: (hub, name) => deleteApplication(hub, name, 'leave'),
};
