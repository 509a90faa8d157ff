#!/usr/bin/env node
/**
 * Writes docs/reference/configuration.md and the JSON Schemas of the resources, from the schemas that validate them.
 * With --check nothing is written, and it fails when one of them is stale. Needs a build (`npm run build`).
 */
const fs = require('node:fs');
const path = require('node:path');
const prettier = require('prettier');

const root = path.join(__dirname, '..');
const reference = path.join(root, 'docs', 'reference');

async function artefacts() {
  const { configurationReference } = require(path.join(root, 'dist/src/hub/config/reference.js'));
  const { resourceSchemas, resourcesReference } = require(path.join(root, 'dist/libs/resources/reference.js'));
  const found = [
    [path.join(reference, 'configuration.md'), configurationReference()],
    [path.join(reference, 'resources.md'), resourcesReference()],
  ];
  for (const [kind, schema] of Object.entries(resourceSchemas())) {
    const file = path.join(reference, 'schemas', `${kind.toLowerCase()}.json`);
    const options = await prettier.resolveConfig(file);
    found.push([file, await prettier.format(JSON.stringify(schema), { ...options, parser: 'json' })]);
  }
  return found;
}

async function main(check) {
  const stale = [];
  for (const [file, text] of await artefacts()) {
    if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text) continue;
    stale.push(path.relative(root, file));
    if (check) continue;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
  if (check && stale.length > 0) {
    console.error(`stale: ${stale.join(', ')}; run \`node scripts/reference.js\``);
    return 1;
  }
  if (!check) console.log(stale.length === 0 ? 'nothing has changed' : `wrote ${stale.join(', ')}`);
  return 0;
}

main(process.argv.includes('--check')).then(
  (code) => (process.exitCode = code),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
