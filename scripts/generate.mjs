// Writes what follows from the command table: docs/commands.md, and the client's commands. With --check, only says whether
// they are up to date.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { nameOf } from './client/arguments.mjs';
import { describe } from './client/methods.mjs';

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
const { CommandTable } = await load('src/commands/table.ts');
const { usageOf } = await load('src/commands/usage.ts');
const { later } = await load('scripts/client/later.ts');

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

const known = [...commandTable.all, ...CommandTable.of([later]).all];
const described = known.map((command) => describe(command, usageOf(command)));

const table = `/**
 * The commands as the client knows them, from the server's command table and \`scripts/client/later.ts\`. Written by
 * \`npm run generate\`: don't edit.
 *
 * A line is a name; first key, last key and step as COMMAND INFO gives them; traits, or \`-\`. If there is a method for
 * it, its name, its plan (\`encode-plan.ts\`, or how many parameters one after the other), and its transform follow.
 */
export const TABLE = \`
${described
  .map(({ line }) => line)
  .sort()
  .join('\n')}
\`;
`;

const methods = described.flatMap(({ method }) => method ?? []).sort((a, b) => (a.name < b.name ? -1 : 1));

function optionsOf({ name, optionsName, options }) {
  if (options.length === 0) return [];
  const members = options.map(
    (option) => `  readonly ${nameOf(option.name)}${option.optional ? '?' : ''}: ${option.type};`,
  );
  return [`/** Options of \`${name}\`. */`, `export interface ${optionsName} {`, ...members, '}', ''];
}

function signaturesOf({ summary, usage, deprecated, signatures }) {
  const note = deprecated ? [`   * @deprecated since ${deprecated.since}: ${deprecated.replacedBy}`] : [];
  return [
    '  /**',
    `   * ${summary}`,
    '   *',
    `   *     ${usage}`,
    ...note,
    '   */',
    ...signatures.map((text) => `  ${text};`),
  ];
}

const signatures = `/**
 * The typed commands, from the server's command table and \`scripts/client/later.ts\`. Written by \`npm run generate\`: don't
 * edit.
 *
 * Plain signatures without conditional types, so that checking them takes no time.
 */
import type { Double, Entries, Integer, Key, OneOrMore, Value } from '../arguments.js';

${methods.flatMap(optionsOf).join('\n')}
/** \`Text\` is what bulk strings are given as. */
export interface Methods<Text> {
${methods.flatMap(signaturesOf).join('\n')}
}
`;

function format(path, input) {
  const options = ['format', '--stdin-file-path', path];
  return execFileSync('node_modules/.bin/biome', options, { input, encoding: 'utf8' });
}

const check = process.argv.includes('--check');
const outdated = [];
for (const [path, text] of [
  ['docs/commands.md', document],
  ['src/client/generated/table.ts', table],
  ['src/client/generated/methods.ts', signatures],
]) {
  // Biome breaks some long types in another way when it sees them for the second time.
  const formatted = format(path, format(path, text));
  if (!check) writeFileSync(path, formatted);
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== formatted) outdated.push(path);
}
if (outdated.length > 0) {
  console.error(`${outdated.join(', ')} is not what the command table says: npm run generate`);
  process.exit(1);
}
