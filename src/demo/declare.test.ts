import { declareApplications, type DemoApi, registerCluster } from './declare';

/** A hub that knows what is in `known`, by path. */
function hubWith(known: Record<string, unknown>) {
  const written: string[] = [];
  const api: DemoApi = {
    get: (path) => Promise.resolve(path in known ? { status: 200, body: known[path] } : { status: 404, body: {} }),
    put: (path) => Promise.resolve({ status: 201, body: void written.push(path) }),
    post: (path) => Promise.resolve({ status: 201, body: { join: { joinToken: `token of ${path}` } } }),
  };
  return { api, written };
}

const cluster = { name: 'vienna', region: 'eu-central', labels: {} };
const inState = (lifecycle: string) => hubWith({ '/clusters/vienna': { status: { lifecycle } } }).api;

describe('the demonstration declares', () => {
  it('source and applications where they are missing', async () => {
    const { api, written } = hubWith({});
    await declareApplications(api, '/tmp/repository');
    expect(written).toEqual(['/sources/demo', '/applications/storefront', '/applications/telemetry']);
  });

  it('nothing over what somebody may have edited since', async () => {
    const { api, written } = hubWith({ '/sources/demo': {}, '/applications/storefront': {} });
    await declareApplications(api, '/tmp/repository');
    expect(written).toEqual(['/applications/telemetry']);
  });
});

describe('a simulated cluster', () => {
  it('goes on with its agent where the hub knows both', async () => {
    expect(await registerCluster(inState('joined'), cluster, true)).toBeUndefined();
    expect(await registerCluster(inState('deregistering'), cluster, true)).toBeUndefined();
  });

  it('begins anew where it is lost, or its agent never joined', async () => {
    expect(await registerCluster(inState('joined'), cluster, false)).toBe('token of /clusters/vienna/join-token');
    expect(await registerCluster(inState('registered'), cluster, true)).toBe('token of /clusters/vienna/join-token');
  });

  it('begins anew after it was deregistered', async () => {
    expect(await registerCluster(hubWith({}).api, cluster, true)).toBe('token of /clusters');
  });
});
