#!/usr/bin/env node
/**
 * Writes docs/reference/configuration.md and the JSON Schemas of the resources, from the schemas that validate them.
 * With --check nothing is written, and it fails when one of them is stale. Needs a build (`npm run build`).
 */
const path = require('node:path');
const { formatted, generate, root } = require('./generated');

const reference = path.join(root, 'docs', 'reference');

generate('reference.js', async () => {
  const { configurationReference } = require(path.join(root, 'dist/src/hub/config/reference.js'));
  const { resourceSchemas, resourcesReference } = require(path.join(root, 'dist/libs/resources/reference.js'));
  const found = [
    [path.join(reference, 'configuration.md'), configurationReference()],
    [path.join(reference, 'resources.md'), resourcesReference()],
  ];
  for (const [kind, schema] of Object.entries(resourceSchemas())) {
    const file = path.join(reference, 'schemas', `${kind.toLowerCase()}.json`);
    found.push([file, await formatted(file, JSON.stringify(schema), 'json')]);
  }
  return found;
});
