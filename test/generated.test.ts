/** What is written from the command table, and what must agree with it although it isn't yet. */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { infoOf } from '../src/client/routing.js';
import { FLAG } from '../src/commands/command.js';
import { commandTable } from '../src/commands/index.js';

const ROOT = resolve(import.meta.dirname, '..');

it('docs/commands.md is what the command table says', () => {
  execFileSync(process.execPath, ['scripts/generate.mjs', '--check'], { cwd: ROOT });
});

describe('the client routes as the command table says', () => {
  const keyed = commandTable.all.filter((command) => command.firstKey > 0);
  it.each(keyed.map((command) => [command.fullName, command] as const))('%s', (name, command) => {
    const [first, ...subcommand] = name.split('|');
    const info = infoOf(first, subcommand);
    const { firstKey, lastKey, keyStep } = info;
    expect({ firstKey, lastKey, keyStep }).toEqual({
      firstKey: command.firstKey,
      lastKey: command.lastKey,
      keyStep: command.keyStep,
    });
    if (command.flags & FLAG.write) expect(info.readOnly).toBe(false);
  });
});
