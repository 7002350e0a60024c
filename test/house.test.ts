/**
 * The rules of the house, checked on the sources themselves so that they can't rot: which folder may import which,
 * and that the sans-I/O core reaches for nothing outside.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HEXIS_VERSION } from '../src/node/version.js';

const SRC = resolve(import.meta.dirname, '../src');

/** Which other folders a folder may import, types included. */
const ARROWS: Record<string, readonly string[]> = {
  protocol: [],
  keyspace: ['protocol'],
  commands: ['keyspace', 'protocol'],
  cluster: ['keyspace', 'protocol'],
  replication: ['keyspace', 'protocol', 'persistence', 'node/host'],
  persistence: ['keyspace', 'protocol', 'node/host'],
  node: ['commands', 'cluster', 'replication', 'persistence', 'keyspace', 'protocol'],
  io: ['node', 'commands', 'cluster', 'replication', 'persistence', 'keyspace', 'protocol'],
  client: ['protocol'],
  manager: ['client', 'protocol'],
  local: ['io', 'manager', 'client', 'node', 'protocol'],
  // The CLI knows servers through the wire, but for the files of one that isn't running.
  cli: [
    'client',
    'manager',
    'local',
    'io',
    'node/config',
    'persistence/aof/check',
    'persistence/rdb/check',
    'protocol',
  ],
};

const CORE = ['protocol', 'commands', 'keyspace', 'cluster', 'replication', 'persistence', 'node'];

/** Entries that are nearer to their neighbours in the file than to their group: WAIT, RESTORE-ASKING. */
const ELSEWHERE = ['commands/server/replication.ts generic', 'commands/generic/migration.ts server'];

/** What the core must not reach for. */
const OUTSIDE = [
  /\bDate\b/,
  /\bMath\.random\b/,
  /\bperformance\b\./,
  /\bset(Timeout|Interval|Immediate)\b/,
  /\bqueueMicrotask\b/,
  /\bPromise\b/,
  /(?<!')\basync\b(?! )|\basync (function|\()/,
  /\bawait\b/,
  /\bprocess\./,
  /\bfrom 'node:/,
  /\bimport\(/,
];

interface Source {
  readonly folder: string;
  readonly path: string;
  readonly text: string;
}

const sources: Source[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && path.includes('/'))
  .map((path) => ({ folder: path.split('/')[0], path, text: readFileSync(join(SRC, path), 'utf8') }));

/** The source without comments, strings kept. */
function code(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
}

describe('the rules of the house', () => {
  it('finds the sources', () => expect(sources.length).toBeGreaterThan(20));

  it('lets arrows point one way only', () => {
    const wrong: string[] = [];
    for (const { folder, path, text } of sources) {
      const allowed = ARROWS[folder];
      expect(
        allowed,
        `src/${folder} is not a folder of the house: say in ARROWS what it may import`,
      ).toBeDefined();
      for (const [, specifier] of code(text).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
        const target = relative(SRC, resolve(SRC, dirname(path), specifier));
        const to = target.split('/')[0];
        if (
          to !== folder &&
          !allowed.some((prefix) => target === `${prefix}.js` || target.startsWith(`${prefix}/`))
        ) {
          wrong.push(`${path} imports ${target}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('keeps time, randomness, promises and Node.js out of the core', () => {
    const wrong: string[] = [];
    for (const { folder, path, text } of sources) {
      if (!CORE.includes(folder) || path === 'protocol/bytes.ts') continue;
      for (const [i, line] of code(text).split('\n').entries()) {
        for (const pattern of OUTSIDE) if (pattern.test(line)) wrong.push(`${path}:${i + 1}: ${line.trim()}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('keeps commands in the folder of their group', () => {
    const elsewhere = new Set<string>();
    for (const { folder, path, text } of sources) {
      const [, group, file] = path.split('/');
      if (folder !== 'commands' || file === undefined) continue;
      for (const [, named] of text.matchAll(/\bgroup: '([^']+)'/g)) {
        if (named !== group) elsewhere.add(`${path} ${named}`);
      }
    }
    expect([...elsewhere].sort()).toEqual([...ELSEWHERE].sort());
  });

  it('says the same version everywhere', () => {
    const { version } = JSON.parse(readFileSync(resolve(SRC, '../package.json'), 'utf8'));
    expect(HEXIS_VERSION).toBe(version);
  });

  it('keeps dependencies out of the client', () => {
    for (const { folder, path, text } of sources) {
      if (folder !== 'client' && folder !== 'protocol') continue;
      for (const [, specifier] of text.matchAll(/from '([^.'][^']*)'/g)) {
        expect(specifier.startsWith('node:'), `${path} imports ${specifier}`).toBe(true);
      }
    }
  });

  it('names tests in docs/GUARANTEES.md that exist', () => {
    const guarantees = readFileSync(resolve(SRC, '../docs/GUARANTEES.md'), 'utf8');
    const named = [...guarantees.matchAll(/`((?:test|src)\/[^`]+\.ts)`/g)].map(([, path]) => path);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((path) => !existsSync(resolve(SRC, '..', path)))).toEqual([]);
    for (let rule = 1; rule <= 16; rule++) {
      if (rule === 12) continue; // the design has no R12
      expect(guarantees, `R${rule} has no test`).toMatch(new RegExp(`^\\| R${rule} \\| \`(test|src)/`, 'm'));
    }
  });
});
