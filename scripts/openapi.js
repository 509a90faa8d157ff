#!/usr/bin/env node
/**
 * Writes docs/reference/openapi.json from the code of the hub, and the types of the CLI's client from that.
 * With --check nothing is written, and it fails when one of them is stale. Needs a build (`npm run build`).
 */
const path = require('node:path');
const { formatted, generate, root } = require('./generated');

const documentFile = path.join(root, 'docs', 'reference', 'openapi.json');
const typesFile = path.join(root, 'src', 'cli', 'client', 'generated', 'api.ts');
const banner = '/** Made from docs/reference/openapi.json by `node scripts/openapi.js`; not to be edited. */\n';

generate('openapi.js', async () => {
  const { offlineOpenApiDocument } = require(path.join(root, 'dist/src/hub/http/openapi/offline.js'));
  const { default: openapiTypescript, astToString } = await import('openapi-typescript');
  const document = await offlineOpenApiDocument();
  const json = await formatted(documentFile, JSON.stringify(document, null, 2), 'json');
  const types =
    banner + astToString(await openapiTypescript(document, { alphabetize: true, defaultNonNullable: false }));
  return [
    [documentFile, json],
    [typesFile, types],
  ];
});
