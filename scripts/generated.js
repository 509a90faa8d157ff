/** What the generators share: write what has changed, or with --check fail when something is stale. */
const fs = require('node:fs');
const path = require('node:path');
const prettier = require('prettier');

const root = path.join(__dirname, '..');

/** As the project formats it, so that the format check and the generator agree. */
async function formatted(file, text, parser) {
  return await prettier.format(text, { ...(await prettier.resolveConfig(file)), parser });
}

async function bring(script, produce, check) {
  const stale = [];
  for (const [file, text] of await produce()) {
    if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text) continue;
    stale.push(path.relative(root, file));
    if (check) continue;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
  if (check && stale.length > 0) {
    console.error(`stale: ${stale.join(', ')}; run \`node scripts/${script}\``);
    return 1;
  }
  if (!check) console.log(stale.length === 0 ? 'nothing has changed' : `wrote ${stale.join(', ')}`);
  return 0;
}

/**
 * Ends the process with 0, or with 1 when something is stale or cannot be made.
 * @param script its name, for the remedy
 * @param produce gives `[file, text]` for each artefact
 */
function generate(script, produce) {
  bring(script, produce, process.argv.includes('--check')).then(
    (code) => process.exit(code),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
}

module.exports = { formatted, generate, root };
