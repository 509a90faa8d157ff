import type { Digest } from '#libs/protocol/digest';
import { buildRoots } from './build-roots';
import type { AssignmentRow } from './roots.repository';

const bundle = (letter: string) => letter.repeat(64) as Digest;
const cluster = { cluster_id: 'c1', name: 'one', service_account: null, epoch: 1, scopes: {} };
const keys = new Map([
  [bundle('a'), ['/ConfigMap/shop/x', '/ConfigMap/shop/y']],
  [bundle('b'), ['/ConfigMap/shop/z']],
  [bundle('c'), ['/ConfigMap/shop/x', '/ConfigMap/shop/z']],
]);

const assignment = (application: string, own: Partial<AssignmentRow>): AssignmentRow => ({
  cluster_id: 'c1',
  application_id: application,
  name: application,
  bundle: null,
  removal: null,
  approved_deletions: null,
  carried_bundle: null,
  carried: false,
  refused: null,
  since: 0,
  ...own,
});

const applicationsOf = (built: ReturnType<typeof buildRoots>) =>
  (JSON.parse(built.scopes[0]!.text) as { applications: Record<string, { bundle: string | null }> }).applications;

describe('building roots', () => {
  it('makes one root of all assignments of a cluster', () => {
    const built = buildRoots(
      1,
      [cluster],
      [assignment('shop', { bundle: bundle('a') }), assignment('bank', { bundle: bundle('b') })],
      keys,
    );
    expect(built.roots).toHaveLength(1);
    expect(Object.keys(applicationsOf(built)).sort()).toEqual(['bank', 'shop']);
  });

  it('changes nothing where nothing has changed', () => {
    const first = buildRoots(1, [cluster], [assignment('shop', { bundle: bundle('a') })], keys);
    const carried = assignment('shop', { bundle: bundle('a'), carried_bundle: bundle('a'), carried: true });
    const again = buildRoots(1, [{ ...cluster, scopes: first.roots[0]!.scopes }], [carried], keys);
    expect(again).toEqual({ roots: [{ ...first.roots[0], changed: false }], scopes: [], carried: [] });
  });

  it('refuses a newcomer that claims what another holds, and names both', () => {
    const holder = assignment('shop', { bundle: bundle('a'), carried_bundle: bundle('a'), carried: true });
    const built = buildRoots(1, [cluster], [holder, assignment('thief', { bundle: bundle('c'), since: 9 })], keys);
    expect(Object.keys(applicationsOf(built))).toEqual(['shop']);
    expect(built.carried).toEqual([
      {
        application: 'thief',
        cluster: 'c1',
        bundle: bundle('c'),
        refused: '/ConfigMap/shop/x belongs to application shop',
      },
    ]);
  });

  it('leaves an application that is refused with what it has', () => {
    const holder = assignment('shop', { bundle: bundle('a'), carried_bundle: bundle('a'), carried: true });
    const greedy = assignment('greedy', { bundle: bundle('c'), carried_bundle: bundle('b'), carried: true, since: 9 });
    const built = buildRoots(1, [cluster], [holder, greedy], keys);
    expect(applicationsOf(built).greedy!.bundle).toBe(bundle('b'));
  });

  it('says a removal in so many words', () => {
    const approved = bundle('d');
    const built = buildRoots(
      1,
      [cluster],
      [assignment('shop', { removal: 'delete', approved_deletions: approved })],
      keys,
    );
    expect(applicationsOf(built).shop).toEqual({
      name: 'shop',
      bundle: null,
      removal: 'delete',
      approvedDeletions: approved,
    });
  });

  it('makes a root anew under a raised epoch, though it says the same', () => {
    const first = buildRoots(1, [cluster], [], keys);
    const held = { ...cluster, scopes: first.roots[0]!.scopes };
    expect(buildRoots(1, [held], [], keys).roots[0]!.changed).toBe(false);
    expect(buildRoots(2, [held], [], keys).roots[0]!.changed).toBe(true);
  });
});
