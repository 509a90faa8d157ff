/** Pushes as forges send them: the shape of each, with what a reader might stumble over left in. */

export const after = '4f1d0c9b2a7e6d5c8b3a1f0e9d8c7b6a5f4e3d2c';
const before = '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d';
const commit = {
  id: after,
  message: 'Raise replicas\n\nMore of them — für alle',
  timestamp: '2026-03-01T11:59:58+01:00',
  author: { name: 'Ada Fleet', email: 'ada@example.com' },
  added: [],
  modified: ['apps/web/deployment.yaml'],
  removed: [],
};

export const gitlabUrls = [
  'https://gitlab.example.com/fleet/platform.git',
  'git@gitlab.example.com:fleet/platform.git',
  'https://gitlab.example.com/fleet/platform',
];
const gitlabProject = {
  id: 15,
  name: 'Platform',
  web_url: gitlabUrls[2],
  git_ssh_url: gitlabUrls[1],
  git_http_url: gitlabUrls[0],
  namespace: 'fleet',
  visibility_level: 0,
  path_with_namespace: 'fleet/platform',
  default_branch: 'main',
  url: gitlabUrls[1],
};
const gitlabRepository = { name: 'Platform', url: gitlabUrls[1], homepage: gitlabUrls[2] };
export const gitlabPush = {
  object_kind: 'push',
  event_name: 'push',
  before,
  after,
  ref: 'refs/heads/main',
  ref_protected: true,
  checkout_sha: after,
  user_id: 4,
  user_username: 'ada',
  project_id: 15,
  project: gitlabProject,
  repository: gitlabRepository,
  commits: [{ ...commit, title: 'Raise replicas', url: `${gitlabUrls[2]}/-/commit/${after}` }],
  total_commits_count: 1,
};
/** An annotated tag: `after` is the tag's own id. */
export const gitlabTag = {
  ...gitlabPush,
  object_kind: 'tag_push',
  event_name: 'tag_push',
  ref: 'refs/tags/v1.2.0',
  before: '0'.repeat(40),
  after: 'c'.repeat(40),
  checkout_sha: after,
  message: 'Version 1.2.0',
  commits: [],
  total_commits_count: 0,
};

export const giteaUrls = [
  'https://gitea.example.com/fleet/platform.git',
  'ssh://git@gitea.example.com:2222/fleet/platform.git',
  'https://gitea.example.com/fleet/platform',
];
const giteaUser = { id: 1, login: 'ada', username: 'ada', email: 'ada@example.com' };
export const giteaPush = {
  ref: 'refs/heads/main',
  before,
  after,
  compare_url: `${giteaUrls[2]}/compare/${before}...${after}`,
  commits: [{ ...commit, url: `${giteaUrls[2]}/commit/${after}`, committer: commit.author, verification: null }],
  total_commits: 1,
  head_commit: { id: after },
  repository: {
    id: 140,
    owner: giteaUser,
    name: 'platform',
    full_name: 'fleet/platform',
    private: true,
    html_url: giteaUrls[2],
    ssh_url: giteaUrls[1],
    clone_url: giteaUrls[0],
    default_branch: 'main',
  },
  pusher: giteaUser,
  sender: giteaUser,
};

const cloudTarget = { type: 'commit', hash: after, message: 'Raise replicas\n', date: '2026-03-01T10:59:58+00:00' };
export const bitbucketCloudPush = {
  actor: { type: 'user', display_name: 'Ada Fleet', uuid: '{6c1d0c9b-2a7e-4d5c-8b3a-1f0e9d8c7b6a}' },
  repository: {
    type: 'repository',
    full_name: 'fleet/platform',
    name: 'platform',
    scm: 'git',
    is_private: true,
    links: {
      self: { href: 'https://api.bitbucket.org/2.0/repositories/fleet/platform' },
      html: { href: 'https://bitbucket.org/fleet/platform' },
    },
  },
  push: {
    changes: [
      {
        forced: false,
        created: false,
        closed: false,
        truncated: false,
        old: { type: 'branch', name: 'main', target: { ...cloudTarget, hash: before } },
        new: { type: 'branch', name: 'main', target: cloudTarget },
        commits: [cloudTarget],
      },
      { forced: false, created: false, closed: true, old: { type: 'tag', name: 'v1', target: cloudTarget }, new: null },
    ],
  },
};

export const bitbucketServerPush = {
  eventKey: 'repo:refs_changed',
  date: '2026-03-01T12:00:00+0100',
  actor: { name: 'ada', emailAddress: 'ada@example.com', id: 2, displayName: 'Ada Fleet', active: true },
  repository: {
    slug: 'platform',
    id: 11,
    name: 'platform',
    scmId: 'git',
    state: 'AVAILABLE',
    project: { key: 'FLEET', id: 3, name: 'Fleet', type: 'NORMAL' },
    public: false,
    links: {
      clone: [
        { href: 'ssh://git@git.example.com:7999/fleet/platform.git', name: 'ssh' },
        { href: 'https://git.example.com/scm/fleet/platform.git', name: 'http' },
      ],
      self: [{ href: 'https://git.example.com/projects/FLEET/repos/platform/browse' }],
    },
  },
  changes: [
    {
      ref: { id: 'refs/heads/main', displayId: 'main', type: 'BRANCH' },
      refId: 'refs/heads/main',
      fromHash: before,
      toHash: after,
      type: 'UPDATE',
    },
    {
      ref: { id: 'refs/heads/old', displayId: 'old', type: 'BRANCH' },
      refId: 'refs/heads/old',
      fromHash: before,
      toHash: '0'.repeat(40),
      type: 'DELETE',
    },
  ],
};

export const githubUrls = [
  'https://github.com/fleet/platform.git',
  'git@github.com:fleet/platform.git',
  'https://github.com/fleet/platform',
];
export const githubPush = {
  ref: 'refs/heads/main',
  before,
  after,
  created: false,
  deleted: false,
  forced: false,
  base_ref: null,
  repository: {
    id: 186853002,
    name: 'platform',
    full_name: 'fleet/platform',
    private: true,
    html_url: githubUrls[2],
    clone_url: githubUrls[0],
    ssh_url: githubUrls[1],
    git_url: 'git://github.com/fleet/platform.git',
    default_branch: 'main',
  },
  pusher: { name: 'ada', email: 'ada@example.com' },
  commits: [commit],
  head_commit: commit,
};
