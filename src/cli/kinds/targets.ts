import { answered } from '../client/answers';
import type { Hub } from '../client/hub';
import { allItems } from '../client/pages';
import type { Target, TargetDetail, TargetState } from '../client/types';
import { CliError } from '../errors';
import { stateColour } from '../output/colour';
import { sections } from '../output/sections';
import type { View } from '../output/show';
import { shortened } from '../output/text';
import { describeTarget } from './describe-target';
import type { Kind } from './kind';

export interface TargetFilters {
  application?: string;
  cluster?: string;
  region?: string;
  state?: TargetState;
}

export const targetView: View<Target> = {
  columns: () => [
    { header: 'APPLICATION', value: ({ application }) => application },
    { header: 'CLUSTER', value: ({ cluster }) => cluster },
    { header: 'REGION', value: ({ region }) => region },
    { header: 'STATE', value: ({ state }) => state, colour: ({ state }) => stateColour(state) },
    { header: 'MESSAGE', value: ({ message }) => shortened(message ?? '', 100) },
  ],
  nameOf: ({ application, cluster }) => `target/${application}/${cluster}`,
  empty: 'No targets: no application is placed on a cluster',
};

export async function listTargets(hub: Hub, filters: TargetFilters = {}, atMost?: number): Promise<Target[]> {
  return await allItems(
    (page) => answered(hub.api.GET('/api/v1/status/targets', { params: { query: { ...filters, ...page } } })),
    atMost,
  );
}

export const targetKind: Kind<Target> = {
  name: 'target',
  plural: 'targets',
  aliases: [],
  view: targetView,
  list: (hub) => listTargets(hub),
  get: getTarget,
  describe: async (hub, { application, cluster }, now) =>
    sections(describeTarget(await getTarget(hub, `${application}/${cluster}`), now)),
};

/** @param name `APPLICATION/CLUSTER` */
async function getTarget(hub: Hub, name: string): Promise<TargetDetail> {
  const [application = '', cluster = '', ...others] = name.split('/');
  if (application === '' || cluster === '' || others.length > 0)
    throw CliError.usage(`"${name}" does not name a target`, 'write APPLICATION/CLUSTER');
  const params = { path: { name: application, cluster } };
  return await answered(hub.api.GET('/api/v1/applications/{name}/targets/{cluster}', { params }));
}
