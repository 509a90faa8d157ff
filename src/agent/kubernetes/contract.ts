import { describeBasics } from './contract/basics';
import { describeCustomResources } from './contract/custom-resources';
import { describeOwnership } from './contract/ownership';
import { describeWatching } from './contract/watching';
import { ContractWorld, expectClass } from './contract/world';
import type { KubernetesApi } from './port';

/** Tests only: every promise of the port, for each implementation of it. Each case has a namespace of its own. */
export function describeKubernetesApi(name: string, makeApi: () => Promise<KubernetesApi>): void {
  describe(name, () => {
    let world: ContractWorld;

    beforeAll(async () => {
      world = new ContractWorld(await makeApi());
    });
    beforeEach(() => world.enterFreshNamespace());
    afterAll(() => world.api.close());

    describe('objects', () => describeBasics(() => world));
    describe('ownership', () => describeOwnership(() => world));
    describe('watching', () => describeWatching(() => world));
    describe('custom resources', () => describeCustomResources(() => world));

    test('after closing, calls are unavailable', async () => {
      const api = await makeApi();
      await api.close();
      await expectClass(api.serverVersion(), 'unavailable');
      await expectClass(api.get(world.ref('Namespace', 'default')), 'unavailable');
    });
  });
}
