import { type FollowedSource, whyIrrelevant } from './webhook-relevance';

const branch: FollowedSource = { url: 'https://git.test/fleet.git', revision: { branch: 'main' }, isRead: true };
const tags: FollowedSource = { ...branch, revision: { semver: '1.x' } };
const commit: FollowedSource = { ...branch, revision: { commit: 'a'.repeat(40) } };
const push = (ref?: string, ...urls: string[]) => ({
  kind: 'push' as const,
  urls,
  refs: ref === undefined ? [] : [{ ref }],
});

describe('whether a webhook concerns a source', () => {
  it.each([
    ['the branch that is followed', branch, push('refs/heads/main', 'git@git.test:fleet')],
    ['its bare name', branch, push('main')],
    ['no ref and no address', branch, push()],
    ['any tag, for a source of tags', tags, push('refs/tags/v1.2.0')],
    ['a bare name that may be a tag', tags, push('v1.2.0')],
    ['a commit that could not be read yet', { ...commit, isRead: false }, push('refs/heads/x')],
    [
      'one of several refs',
      branch,
      { kind: 'push' as const, urls: [], refs: [{ ref: 'x' }, { ref: 'refs/heads/main' }] },
    ],
  ])('fetches for %s', (_, source, event) => {
    expect(whyIrrelevant(source, event)).toBeUndefined();
  });

  it.each([
    ['another repository', branch, push('refs/heads/main', 'https://git.test/other'), 'another repository'],
    ['another branch', branch, push('refs/heads/topic'), 'refs/heads/topic'],
    ['a tag of the same name', branch, push('refs/tags/main'), 'refs/tags/main'],
    ['a branch, for a source of tags', tags, push('refs/heads/main'), 'tags'],
    ['a commit that is read', commit, push('refs/heads/main'), 'one commit'],
    ['a ping', branch, { kind: 'ping' as const }, 'works'],
    ['another event', branch, { kind: 'ignored' as const, name: 'issues' }, '"issues"'],
  ])('does nothing for %s, and says why', (_, source, event, said) => {
    expect(whyIrrelevant(source, event)).toContain(said);
  });
});
