#!/usr/bin/env node
/** `npm run bench -- --help`: builds what has changed, and runs one of the benches in test/bench. */
const path = require('node:path');

process.env.FLOTILLA_QUIET_BUILD = '1';
require('./build.js');
require(path.join(__dirname, '..', 'dist', 'test', 'bench', 'main.js'));
