import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createConfig } from './config-files.js';
import { DataClaims } from './data-claims.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hexis-claims-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function server(directives: Record<string, string>) {
  const config = createConfig();
  for (const [name, value] of Object.entries({ dir: folder, save: '', ...directives })) {
    config.record(name as 'dir', name === 'save' ? value.split(' ') : [value]);
  }
  return { config, claims: new DataClaims(config, () => {}) };
}

describe('data files', () => {
  it.each([
    [{ appendonly: 'yes' }, 'appendonlydir/appendonly.aof', 'appendfilename'],
    [{ save: '60 1' }, 'dump.rdb', 'dbfilename'],
    [{ 'cluster-enabled': 'yes' }, 'nodes.conf', 'cluster-config-file'],
  ])('belong to the first server (%o)', (directives, file, directive) => {
    const first = server(directives).claims;
    expect(first.claim()).toBeUndefined();
    const { claims } = server(directives);
    expect(claims.claim()).toBe(
      `${join(folder, file)} is in use by another server in this process: ` +
        `give each server its own ${directive}, or its own dir.`,
    );
    first.release();
    expect(claims.claim()).toBeUndefined();
  });

  it('are claimed by nobody who writes none', () => {
    for (const { claims } of [server({}), server({})]) expect(claims.claim()).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('are claimed all or not at all', () => {
    server({ 'cluster-enabled': 'yes', save: '60 1', dbfilename: 'a.rdb' }).claims.claim();
    expect(server({ 'cluster-enabled': 'yes', appendonly: 'yes' }).claims.claim()).toContain('nodes.conf');
    expect(server({ appendonly: 'yes' }).claims.claim()).toBeUndefined();
  });

  it('can be claimed and left while running, unless they belong to another', () => {
    server({ appendonly: 'yes' }).claims.claim();
    const { claims, config } = server({});
    claims.claim();
    expect(config.set([['appendonly', 'yes']])).toMatch(
      /^ERR CONFIG SET failed \(possibly related to argument 'appendonly'\) - .*appendonly\.aof is in use/,
    );
    expect(config.values.appendonly).toBe(false);
    expect(config.set([['save', '60 1']])).toBeUndefined();
    expect(readdirSync(folder)).toContain('dump.rdb.lock');
    expect(config.set([['save', '']])).toBeUndefined();
    expect(readdirSync(folder)).not.toContain('dump.rdb.lock');
  });
});
