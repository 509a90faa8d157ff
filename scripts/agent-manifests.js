#!/usr/bin/env node
/**
 * Writes deploy/agent/rbac.yaml from the code that `flotilla cluster add` installs by, so that both are the same.
 * With --check nothing is written, and it fails when it is stale. Needs a build (`npm run build`).
 */
const fs = require('node:fs');
const path = require('node:path');
const prettier = require('prettier');
const { stringify } = require('yaml');

const root = path.join(__dirname, '..');
const file = path.join(root, 'deploy', 'agent', 'rbac.yaml');
const banner =
  '# What an agent needs in its cluster, the same as `flotilla cluster add` installs.\n' +
  '# Made by `node scripts/agent-manifests.js`; not to be edited.\n';

async function main(check) {
  const { agentManifests } = require(path.join(root, 'dist/src/cli/cluster-add/manifests.js'));
  const documents = agentManifests().map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }));
  const options = await prettier.resolveConfig(file);
  const text = await prettier.format(banner + documents.join('---\n'), { ...options, parser: 'yaml' });
  if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text) {
    if (!check) console.log('nothing has changed');
    return 0;
  }
  if (check) {
    console.error(`stale: ${path.relative(root, file)}; run \`node scripts/agent-manifests.js\``);
    return 1;
  }
  fs.writeFileSync(file, text);
  console.log(`wrote ${path.relative(root, file)}`);
  return 0;
}

main(process.argv.includes('--check')).then(
  (code) => process.exit(code),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
