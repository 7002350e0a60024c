import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createConfig } from './config-files.js';
import { nameDataFiles } from './shared-folder.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hexis-shared-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The names of the append-only file and the dump that a node with these directives uses. */
function names(directives: Record<string, string>): string[] {
  const config = createConfig();
  const all = {
    'cluster-enabled': 'yes',
    'cluster-config-file': 'nodes-0.conf',
    dir: folder,
    ...directives,
  };
  for (const [name, value] of Object.entries(all)) config.record(name as 'dir', [value]);
  nameDataFiles(config);
  return [config.text('appendfilename'), config.text('dbfilename')];
}

const OWN = ['appendonly-nodes-0.aof', 'dump-nodes-0.rdb'];
const USUAL = ['appendonly.aof', 'dump.rdb'];

describe('the data files of a node', () => {
  it('are named after its cluster-config-file', () => {
    expect(names({})).toEqual(OWN);
    expect(names({ 'cluster-config-file': '/var/lib/redis/nodes.7001.conf' })).toEqual([
      'appendonly-nodes.7001.aof',
      'dump-nodes.7001.rdb',
    ]);
  });

  it('have the usual names outside cluster mode, and with the usual cluster-config-file', () => {
    expect(names({ 'cluster-enabled': 'no' })).toEqual(USUAL);
    expect(names({ 'cluster-config-file': 'nodes.conf' })).toEqual(USUAL);
  });

  it('are what the configuration says', () => {
    expect(names({ appendfilename: 'a.aof', dbfilename: 'd.rdb' })).toEqual(['a.aof', 'd.rdb']);
    expect(names({ dbfilename: 'd.rdb' })).toEqual([OWN[0], 'd.rdb']);
  });

  it('keep the usual name where data has it already', () => {
    writeFileSync(join(folder, 'dump.rdb'), '');
    expect(names({})).toEqual([OWN[0], USUAL[1]]);
    mkdirSync(join(folder, 'appendonlydir'));
    writeFileSync(join(folder, 'appendonlydir', 'appendonly.aof.manifest'), '');
    expect(names({})).toEqual(USUAL);
    expect(names({ appenddirname: 'elsewhere' })).toEqual([OWN[0], USUAL[1]]);
    writeFileSync(join(folder, 'appendonly.aof'), ''); // of redis-server 6
    expect(names({ appenddirname: 'elsewhere' })).toEqual(USUAL);
  });

  it('are the same again when a stranger has left data under the usual name', () => {
    writeFileSync(join(folder, OWN[1]), '');
    mkdirSync(join(folder, 'appendonlydir'));
    writeFileSync(join(folder, 'appendonlydir', `${OWN[0]}.manifest`), '');
    writeFileSync(join(folder, 'dump.rdb'), '');
    writeFileSync(join(folder, 'appendonly.aof'), '');
    expect(names({})).toEqual(OWN);
  });
});
