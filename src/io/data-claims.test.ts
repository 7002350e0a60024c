import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createConfig } from './config-files.js';
import { DataClaims } from './data-claims.js';
import { identityOf } from './process-identity.js';

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

const locks = () => readdirSync(folder).filter((name) => name.endsWith('.lock'));

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
    expect(locks()).toHaveLength(2);
    expect(config.set([['save', '']])).toBeUndefined();
    expect(locks()).toHaveLength(1);
  });

  it('are claimed with one lock file a server, which goes with it', () => {
    const { claims } = server({ appendonly: 'yes', save: '60 1', 'cluster-enabled': 'yes' });
    expect(claims.claim()).toBeUndefined();
    expect(locks()).toHaveLength(1);
    claims.release();
    expect(locks()).toEqual([]);
  });

  it('keep their claim when another can not be had', () => {
    server({ save: '60 1' }).claims.claim();
    const { claims, config } = server({ appendonly: 'yes' });
    claims.claim();
    expect(config.set([['save', '60 1']])).toContain('dump.rdb is in use');
    expect(server({ appendonly: 'yes' }).claims.claim()).toContain('appendonly.aof is in use');
  });

  it('of a process that was killed belong to nobody', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    const lock = join(folder, `hexis-${child.pid}-0-1.lock`);
    const dump = join(folder, 'dump.rdb');
    writeFileSync(lock, `${identityOf(child.pid!)}\n${dump}`);
    const { claims } = server({ save: '60 1' });
    expect(claims.claim()).toContain(`${dump} is in use by process ${child.pid}`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(claims.claim()).toBeUndefined();
    // The id may belong to another process by now.
    writeFileSync(lock, `${process.pid} a-former-start 1\n${dump}`);
    expect(server({ save: '60 1', dbfilename: 'other.rdb' }).claims.claim()).toBeUndefined();
    expect(existsSync(lock)).toBe(false);
  });
});
