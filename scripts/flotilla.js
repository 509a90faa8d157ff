#!/usr/bin/env node
/** The command `flotilla`: runs the built program, and builds it first where it has not been built. */
const fs = require('node:fs');
const path = require('node:path');

const program = path.join(__dirname, '..', 'dist', 'src', 'cli', 'main.js');
if (!fs.existsSync(program)) require('./build.js');
require(program);
