#!/usr/bin/env node
/**
 * All that can be said about the tree without running it: types, lint, layers, dead code, format, stale artefacts.
 * One line a step; what a failed step said comes below. `npm run check -- types lint` runs only those.
 */
const { spawn } = require('node:child_process');
const path = require('node:path');
const { artefacts } = require('./artefacts.js');

const root = path.join(__dirname, '..');
const concurrency = 2;
const cache = 'node_modules/.cache';

const steps = [
  { name: 'lint', command: ['eslint', '.', '--max-warnings', '0', '--cache', '--cache-location', `${cache}/eslint/`] },
  { name: 'types', command: ['tsc', '--noEmit', '--pretty', 'false', '-p', 'tsconfig.json'] },
  {
    name: 'layers',
    command: ['depcruise', '--config', '.dependency-cruiser.cjs', 'libs', 'src', 'migrations', 'test'],
  },
  { name: 'dead code', command: ['knip', '--no-progress', '--no-config-hints'] },
  { name: 'format', command: ['prettier', '--check', '.', '--cache'] },
  ...artefacts.map(({ name, command }) => ({
    name: `artefact ${name}`,
    command: [...command, '--check'],
    built: true,
  })),
];

function run([program, ...args]) {
  const began = Date.now();
  const bin = path.join(root, 'node_modules', '.bin');
  const env = {
    ...process.env,
    PATH: `${bin}${path.delimiter}${process.env.PATH}`,
    NO_COLOR: '1',
    FORCE_COLOR: undefined,
  };
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = [];
    child.stdout.on('data', (data) => said.push(data));
    child.stderr.on('data', (data) => said.push(data));
    child.once('error', (error) => said.push(Buffer.from(error.message)));
    child.once('close', (code) =>
      resolve({
        passed: code === 0,
        seconds: (Date.now() - began) / 1000,
        said: Buffer.concat(said).toString().trim(),
      }),
    );
  });
}

async function main(names) {
  const unknown = names.filter((name) => !steps.some((step) => step.name === name));
  if (unknown.length > 0) {
    console.error(`no such step: ${unknown.join(', ')}. There are: ${steps.map((step) => step.name).join(', ')}`);
    return 2;
  }
  const chosen = steps.filter((step) => names.length === 0 || names.includes(step.name));
  if (chosen.some((step) => step.built)) require('./build.js');
  const waiting = [...chosen];
  const failed = [];
  const worker = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const { passed, seconds, said } = await run(step.command);
      console.log(`${passed ? 'ok    ' : 'FAILED'}  ${step.name.padEnd(20)} ${seconds.toFixed(1).padStart(6)} s`);
      if (!passed) failed.push({ step, said });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  for (const { step, said } of failed) console.log(`\n--- ${step.name} (${step.command.join(' ')})\n${said}`);
  return failed.length === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then((code) => (process.exitCode = code));
