#!/usr/bin/env node
/**
 * Writes docs/reference/openapi.json from the code of the hub, and the types of the CLI's client from that.
 * With --check nothing is written, and it fails when one of them is stale. Needs a build (`npm run build`).
 */
const fs = require('node:fs');
const path = require('node:path');
const prettier = require('prettier');

const root = path.join(__dirname, '..');
const documentFile = path.join(root, 'docs', 'reference', 'openapi.json');
const typesFile = path.join(root, 'src', 'cli', 'client', 'generated', 'api.ts');
const banner = '/** Made from docs/reference/openapi.json by `node scripts/openapi.js`; not to be edited. */\n';

async function main(check) {
  const { offlineOpenApiDocument } = require(path.join(root, 'dist/src/hub/http/openapi/offline.js'));
  const { default: openapiTypescript, astToString } = await import('openapi-typescript');
  const document = await offlineOpenApiDocument();
  const options = await prettier.resolveConfig(documentFile);
  const json = await prettier.format(JSON.stringify(document, null, 2), { ...options, parser: 'json' });
  const types =
    banner + astToString(await openapiTypescript(document, { alphabetize: true, defaultNonNullable: false }));
  const stale = [];
  for (const [file, text] of [
    [documentFile, json],
    [typesFile, types],
  ]) {
    if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text) continue;
    stale.push(path.relative(root, file));
    if (check) continue;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
  if (check && stale.length > 0) {
    console.error(`stale: ${stale.join(', ')}; run \`node scripts/openapi.js\``);
    return 1;
  }
  if (!check) console.log(stale.length === 0 ? 'nothing has changed' : `wrote ${stale.join(', ')}`);
  return 0;
}

main(process.argv.includes('--check')).then(
  (code) => process.exit(code),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
