#!/usr/bin/env node
/**
 * Writes docs/reference/cli.md from the program itself. With --check nothing is written, and it fails when it is stale.
 * Needs a build (`npm run build`).
 */
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const file = path.join(root, 'docs', 'reference', 'cli.md');

const { cliReference } = require(path.join(root, 'dist/src/cli/reference/reference.js'));
const text = cliReference();
const isStale = !fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== text;
const name = path.relative(root, file);
if (process.argv.includes('--check')) {
  if (isStale) console.error(`stale: ${name}; run \`node scripts/cli-reference.js\``);
  process.exitCode = isStale ? 1 : 0;
} else {
  if (isStale) fs.writeFileSync(file, text);
  console.log(isStale ? `wrote ${name}` : 'nothing has changed');
}
