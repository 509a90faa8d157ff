#!/usr/bin/env node
/**
 * Writes docs/reference/cli.md from the program itself. With --check nothing is written, and it fails when it is stale.
 * Needs a build (`npm run build`).
 */
const path = require('node:path');
const { generate, root } = require('./generated');

generate('cli-reference.js', async () => {
  const { cliReference } = require(path.join(root, 'dist/src/cli/reference/reference.js'));
  return [[path.join(root, 'docs', 'reference', 'cli.md'), cliReference()]];
});
