// Writes what follows from the command table: docs/commands.md. With --check, only says whether it is up to date.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

const path = 'docs/commands.md';
const formatter = ['format', '--stdin-file-path', path];
const formatted = execFileSync('node_modules/.bin/biome', formatter, { input: document, encoding: 'utf8' });
if (!process.argv.includes('--check')) writeFileSync(path, formatted);
else if (readFileSync(path, 'utf8') !== formatted) {
  console.error(`${path} is not what the command table says: npm run generate`);
  process.exit(1);
}
