// Writes what follows from the command table: docs/commands.md, and the client's routes. With --check, only says whether
// they are up to date.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

/** A TypeScript module and what it imports, as JavaScript. */
async function load(path) {
  const directory = mkdtempSync(join(tmpdir(), 'hexis-generate-'));
  try {
    const outfile = join(directory, 'module.mjs');
    await build({ entryPoints: [path], bundle: true, platform: 'node', format: 'esm', outfile });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const { commandTable } = await load('src/commands/index.ts');
const { usageOf } = await load('src/commands/usage.ts');

/** A cell of a Markdown table. */
function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function row(command) {
  const { summary, complexity = '', since, deprecated } = command.definition;
  const usage = usageOf(command).replaceAll('|', '\\|');
  const note = deprecated ? ` Deprecated since ${deprecated.since}.` : '';
  return `| \`${usage}\` | ${cell(summary)}${note} | ${cell(complexity)} | ${since} |`;
}

function section(group, commands) {
  return [
    `## ${group[0].toUpperCase()}${group.slice(1).replaceAll('-', ' ')}`,
    '',
    '| command | what it does | time | since |',
    '| --- | --- | --- | --- |',
    ...commands.map(row),
    '',
  ];
}

const callable = commandTable.all.filter((command) => command.definition.run !== undefined);
const groups = [...new Set(callable.map((command) => command.definition.group))].sort();
const document = [
  '# Commands',
  '',
  'Generated from the command table by `npm run generate`; `since` is the version of Redis that brought the command.',
  '',
  ...groups.flatMap((group) =>
    section(
      group,
      callable
        .filter((command) => command.definition.group === group)
        .sort((a, b) => (a.fullName < b.fullName ? -1 : 1)),
    ),
  ),
].join('\n');

/** The argument that says how many keys follow it, or 0. */
function keyCountOf({ definition }) {
  const [spec] = definition.keys ?? [];
  return spec && 'index' in spec.begin && 'countAt' in spec.find ? spec.begin.index + spec.find.countAt : 0;
}

/** What the client must know to route a command: `NAME first last step [readonly] [blocking] [count=N]`. */
function route(command) {
  const { fullName, firstKey, lastKey, keyStep, definition } = command;
  const words = [fullName.toUpperCase(), firstKey, lastKey, keyStep];
  if (definition.flags?.includes('readonly')) words.push('readonly');
  if (definition.flags?.includes('blocking')) words.push('blocking');
  const keyCount = keyCountOf(command);
  if (keyCount > 0) words.push(`count=${keyCount}`);
  return words.join(' ');
}

const routes = `/**
 * Where each command's keys are, from the server's command table. Written by \`npm run generate\`: don't edit.
 * A line is a name, then first key, last key and step as COMMAND INFO gives them, then traits.
 */
export const ROUTES = \`
${commandTable.all.map(route).sort().join('\n')}
\`;
`;

const check = process.argv.includes('--check');
const outdated = [];
for (const [path, text] of [
  ['docs/commands.md', document],
  ['src/client/generated/routes.ts', routes],
]) {
  const formatter = ['format', '--stdin-file-path', path];
  const formatted = execFileSync('node_modules/.bin/biome', formatter, { input: text, encoding: 'utf8' });
  if (!check) writeFileSync(path, formatted);
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== formatted) outdated.push(path);
}
if (outdated.length > 0) {
  console.error(`${outdated.join(', ')} is not what the command table says: npm run generate`);
  process.exit(1);
}
