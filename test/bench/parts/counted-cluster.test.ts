import { isManagedWrite } from './counted-cluster';

describe('what counts as a write of a managed object', () => {
  const is = (method: string, path: string) =>
    isManagedWrite({ method, path, status: 200, requestBytes: 0, responseBytes: 0, completedAtMs: 0 });
  const object = '/api/v1/namespaces/shop/configmaps/a';

  it.each([
    ['PATCH', `${object}?fieldManager=flotilla&force=false`],
    ['DELETE', object],
    ['POST', '/apis/apps/v1/namespaces/shop/deployments?fieldManager=flotilla'],
  ])('%s %s', (method, path) => expect(is(method, path)).toBe(true));

  it.each([
    ['GET', object],
    ['PATCH', `${object}?fieldManager=flotilla&dryRun=All`],
    ['PUT', '/api/v1/namespaces/flotilla-system/configmaps/flotilla-state?fieldManager=flotilla-agent'],
    ['POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'],
  ])('but not %s %s', (method, path) => expect(is(method, path)).toBe(false));
});
