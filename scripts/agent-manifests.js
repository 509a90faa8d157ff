#!/usr/bin/env node
/**
 * Writes deploy/agent/rbac.yaml from the code that `flotilla cluster add` installs by, so that both are the same.
 * With --check nothing is written, and it fails when it is stale. Needs a build (`npm run build`).
 */
const path = require('node:path');
const { stringify } = require('yaml');
const { formatted, generate, root } = require('./generated');

const file = path.join(root, 'deploy', 'agent', 'rbac.yaml');
const banner =
  '# What an agent needs in its cluster, the same as `flotilla cluster add` installs.\n' +
  '# Made by `node scripts/agent-manifests.js`; not to be edited.\n';

generate('agent-manifests.js', async () => {
  const { agentManifests } = require(path.join(root, 'dist/src/cli/cluster-add/manifests.js'));
  const documents = agentManifests().map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }));
  return [[file, await formatted(file, banner + documents.join('---\n'), 'yaml')]];
});
