// npm run conformance -- --suite PATH: Redis's own test suites, from a checked-out tree, against Hexis, file by file, with
// redis-server's result beside it when --peer is given. docs/testing.md describes the options.
import { parseArgs } from 'node:util';
import { MODES } from './conformance/modes.mjs';
import { Results } from './conformance/results.mjs';
import { countOf, failuresOf, table } from './conformance/table.mjs';
import { Tree } from './conformance/tree.mjs';

const USAGE = `usage: npm run conformance -- --suite PATH [options]
  --suite PATH       a tree of redis 7.0 (with runtest and tests/)
  --mode A,B         of ${Object.keys(MODES).join(', ')} (default external,cluster,spawned)
  --only A,B         only these files, such as unit/type/string
  --peer             run redis-server the same way, for comparison
  --tags TAGS        as the suite's own --tags, such as "-slow -needs:debug"
  --limit SECONDS    for one file (default 300); what it didn't reach then counts as failed
  --base-port PORT   the first of 1000 ports to use (default 21000)
  --results FOLDER   keep results and logs there, and go on where an earlier run stopped
  --again            run Hexis again where FOLDER has a result; redis-server's results stay
  --json             the results as JSON`;

const { values: options } = parseArgs({
  options: {
    suite: { type: 'string' },
    mode: { type: 'string', default: 'external,cluster,spawned' },
    only: { type: 'string' },
    peer: { type: 'boolean', default: false },
    tags: { type: 'string' },
    limit: { type: 'string', default: '300' },
    'base-port': { type: 'string', default: '21000' },
    results: { type: 'string' },
    again: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const modes = options.mode.split(',');
if (options.suite === undefined || !modes.every((mode) => Object.hasOwn(MODES, mode))) {
  console.error(USAGE);
  process.exit(2);
}

const results = new Results(options.results);
const trees = new Map();

/** The private copy of the suite for an engine, made when the first file needs it. */
function treeFor(engine) {
  if (!trees.has(engine)) trees.set(engine, new Tree(options.suite, engine, Number(options['base-port'])));
  return trees.get(engine);
}

function cleanUp() {
  for (const tree of trees.values()) tree.remove();
}
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  process.on(signal, () => {
    cleanUp();
    process.exit(1);
  });
}

async function resultOf(engine, mode, file) {
  const known = results.read(engine, mode, file);
  if (known && !(options.again && engine === 'hexis')) return known;
  const tree = treeFor(engine);
  const { output, serverLog, ...result } = await MODES[mode].run(tree, file, {
    tags: options.tags,
    limit: Number(options.limit),
  });
  results.write(engine, mode, file, result, { output, serverLog });
  return result;
}

const say = options.json ? console.error : console.log;
const rows = [];
try {
  for (const mode of modes) {
    const files = options.only?.split(',') ?? MODES[mode].files(options.suite);
    for (const file of files) {
      const theirs = options.peer ? await resultOf('redis-server', mode, file) : undefined;
      const ours = await resultOf('hexis', mode, file);
      rows.push({ mode, file, ours, theirs });
      const beside = theirs ? `, redis-server ${countOf(theirs)}` : '';
      say(`${mode.padEnd(14)} ${file.padEnd(42)} ${countOf(ours)}${beside} (${ours.seconds} s)`);
      for (const failure of failuresOf(ours, theirs)) say(`               ✗ ${failure}`);
    }
  }
} finally {
  cleanUp();
}
if (options.json) console.log(JSON.stringify(rows, null, 2));
else for (const mode of modes) console.log(`\n${table(mode, rows)}`);
