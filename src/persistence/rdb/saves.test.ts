import { describe, expect, it } from 'vitest';
import { LoneNode } from '../../../test/support/lone-node.js';
import { MemoryDisk } from '../../../test/support/memory-disk.js';
import { DiskError } from '../../node/host.js';
import { NO_LINK } from '../../node/no-link.js';
import { latin1 } from '../../protocol/bytes.js';
import { encodeRequest } from '../../protocol/request-parser.js';

const FULL = new DiskError('ENOSPC', 'No space left on device');

function filled(directives: Record<string, string> = {}, disk = new MemoryDisk()): LoneNode {
  const node = new LoneNode(directives, { disk });
  for (let i = 0; i < 300; i++) node.send('SET', `key:${i}`, `value ${i}`);
  return node;
}

function restarted(disk: MemoryDisk, directives: Record<string, string> = {}): LoneNode {
  return new LoneNode(directives, { disk: disk.copy() });
}

describe('SAVE', () => {
  it('makes a dump that the next start loads', () => {
    const disk = new MemoryDisk();
    const node = filled({}, disk);
    expect(node.info('rdb_changes_since_last_save')).toBe('300');
    node.advance(5000);
    expect(node.send('SAVE')).toBe('+OK\r\n');
    expect(node.info('rdb_changes_since_last_save')).toBe('0');
    expect(node.info('rdb_saves')).toBe('1');
    expect(node.lines.at(-1)).toBe('* DB saved on disk');
    expect([...disk.files.keys()]).toEqual(['dump.rdb']);

    const next = restarted(disk);
    expect(next.digest()).toBe(node.digest());
    expect(next.lines).toContain('* Done loading RDB, keys loaded: 300, keys expired: 0.');
    expect(next.lines).toContain('* DB loaded from disk: 0.000 seconds');
    expect(next.info('rdb_changes_since_last_save')).toBe('0');
    expect(next.info('rdb_last_load_keys_loaded')).toBe('300');
  });

  it('keeps the old dump and says why when it fails', () => {
    const disk = new MemoryDisk();
    const node = filled({}, disk);
    node.send('SAVE');
    node.send('SET', 'later', 'x');
    disk.writeFailure = FULL;
    expect(node.send('SAVE')).toBe('-ERR\r\n');
    expect(node.lines.at(-1)).toBe(
      '# Write error saving DB on disk(temp-42-dump.rdb): No space left on device',
    );
    expect([...disk.files.keys()]).toEqual(['dump.rdb']);
    expect(restarted(disk).send('DBSIZE')).toBe(':300\r\n');
  });
});

describe('BGSAVE', () => {
  it('says in INFO how far it has come', () => {
    const node = new LoneNode({ 'rdb-key-save-delay': '1000' });
    node.sendTogether(...Array.from({ length: 3000 }, (_, i) => ['SET', `key:${i}`, 'x'.repeat(40)]));
    expect(node.info('current_save_keys_total')).toBe('0');
    node.send('BGSAVE');
    node.advance(1000);
    expect(node.info('current_save_keys_total')).toBe('3000');
    const keys = Number(node.info('current_save_keys_processed'));
    expect(keys).toBeGreaterThan(0);
    expect(keys).toBeLessThan(3000);
    expect(node.info('current_fork_perc')).toBe((keys / 30).toFixed(2));
    node.advance(10_000);
    expect(node.info('current_save_keys_processed')).toBe('0');
  });

  it('saves the data as it was at the beginning while commands go on', () => {
    const disk = new MemoryDisk();
    const node = filled({}, disk);
    const digest = node.digest();
    expect(node.send('BGSAVE')).toBe('+Background saving started\r\n');
    expect(node.info('rdb_bgsave_in_progress')).toBe('1');
    expect(node.send('BGSAVE')).toBe('-ERR Background save already in progress\r\n');
    expect(node.send('SAVE')).toBe('-ERR Background save already in progress\r\n');
    for (let i = 0; i < 300; i += 2) node.send('APPEND', `key:${i}`, ' changed');
    node.send('DEL', 'key:1');
    node.send('SET', 'new', 'x');
    node.advance(3000);
    expect(node.info('rdb_bgsave_in_progress')).toBe('0');
    expect(node.info('rdb_last_bgsave_status')).toBe('ok');
    expect(node.info('rdb_changes_since_last_save')).toBe('152');
    expect(node.lines.slice(-3)).toEqual([
      '* Background saving started by pid 42',
      '* DB saved on disk',
      '* Background saving terminated with success',
    ]);
    expect(restarted(disk).digest()).toBe(digest);
  });

  it('waits for a rewrite of the append-only file when it is told to', () => {
    const node = filled({ appendonly: 'yes' });
    expect(node.send('BGREWRITEAOF')).toBe('+Background append only file rewriting started\r\n');
    expect(node.send('BGSAVE')).toMatch(/^-ERR Another child process is active \(AOF\?\)/);
    expect(node.send('BGSAVE', 'SCHEDULE')).toBe('+Background saving scheduled\r\n');
    node.advance(1000);
    expect(node.info('rdb_saves')).toBe('1');
  });

  it('and a rewrite waits for it', () => {
    const node = filled({ appendonly: 'yes' });
    node.send('BGSAVE');
    expect(node.send('BGREWRITEAOF')).toBe('+Background append only file rewriting scheduled\r\n');
    expect(node.info('aof_rewrite_scheduled')).toBe('1');
    node.advance(3000);
    expect(node.info('aof_rewrites')).toBe('1');
    expect(node.info('aof_last_bgrewrite_status')).toBe('ok');
  });

  it('so does an append-only file that is switched on, which has in its base what came meanwhile', () => {
    const disk = new MemoryDisk();
    const node = filled({}, disk);
    node.send('BGSAVE');
    node.send('CONFIG', 'SET', 'appendonly', 'yes');
    expect(node.lines.at(-1)).toContain('AOF background was scheduled');
    node.send('SET', 'meanwhile', 'x');
    node.advance(5000);
    node.send('SET', 'afterwards', 'x');
    expect(node.info('total_forks')).toBe('2');
    expect(restarted(disk, { appendonly: 'yes' }).digest()).toBe(node.digest());
  });

  it('in a transaction begins behind it', () => {
    const node = filled();
    node.send('MULTI');
    node.send('BGSAVE');
    node.send('SET', 'k', 'v');
    expect(node.send('EXEC')).toBe('*2\r\n+Background saving scheduled\r\n+OK\r\n');
    node.advance(1000);
    expect(restarted(node.disk as MemoryDisk).send('GET', 'k')).toBe('$1\r\nv\r\n');
  });

  it('that fails makes the node refuse writes, until one succeeds', () => {
    const disk = new MemoryDisk();
    const node = filled({ save: '3600 1' }, disk);
    disk.writeFailure = FULL;
    node.send('BGSAVE');
    node.advance(1000);
    expect(node.info('rdb_last_bgsave_status')).toBe('err');
    expect(node.lines.at(-1)).toBe('# Background saving error');
    expect(node.send('SET', 'k', 'v')).toMatch(/^-MISCONF Redis is configured to save RDB snapshots, but/);
    expect(node.send('PING')).toMatch(/^-MISCONF/);
    expect(node.send('GET', 'key:1')).toBe('$7\r\nvalue 1\r\n');
    expect(node.send('CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'no')).toBe('+OK\r\n');
    expect(node.send('SET', 'k', 'v')).toBe('+OK\r\n');
    node.send('CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'yes');
    expect(node.send('SET', 'k', 'v')).toMatch(/^-MISCONF/);
    disk.writeFailure = undefined;
    node.send('BGSAVE');
    node.advance(1000);
    expect(node.send('SET', 'k', 'v')).toBe('+OK\r\n');
  });

  it('is given up by FLUSHALL, and the dump gets empty', () => {
    const disk = new MemoryDisk();
    const node = filled({ save: '3600 1' }, disk);
    node.send('SAVE');
    node.send('BGSAVE');
    node.send('FLUSHALL');
    expect([...disk.files.keys()]).toEqual(['dump.rdb']);
    expect(restarted(disk).send('DBSIZE')).toBe(':0\r\n');
    expect(node.info('rdb_changes_since_last_save')).toBe('0');
  });
});

describe('save points', () => {
  it('save when there were enough changes in the time', () => {
    const disk = new MemoryDisk();
    const node = new LoneNode({ save: '10 3' }, { disk });
    node.send('SET', 'a', '1');
    node.send('SET', 'b', '1');
    node.advance(20_000);
    expect(disk.files.size).toBe(0);
    node.send('SET', 'c', '1');
    node.advance(1000);
    expect(node.lines).toContain('* 3 changes in 10 seconds. Saving...');
    expect(restarted(disk).send('DBSIZE')).toBe(':3\r\n');
    const before = node.send('LASTSAVE');
    node.send('MSET', 'd', '1', 'e', '2', 'f', '3');
    node.send('APPEND', 'd', 'x');
    node.send('APPEND', 'd', 'x');
    node.advance(9000);
    expect(node.send('LASTSAVE')).toBe(before);
    node.advance(2000);
    expect(node.send('LASTSAVE')).not.toBe(before);
  });

  it('try again five seconds after a failure', () => {
    const disk = new MemoryDisk();
    const node = new LoneNode({ save: '10 1' }, { disk });
    node.send('SET', 'a', '1');
    disk.writeFailure = FULL;
    node.advance(12_000);
    expect(node.info('rdb_saves')).toBe('1');
    node.advance(3000);
    expect(node.info('rdb_saves')).toBe('1');
    disk.writeFailure = undefined;
    node.advance(4000);
    expect(node.info('rdb_saves')).toBe('2');
    expect(node.info('rdb_last_bgsave_status')).toBe('ok');
  });
});

describe('SHUTDOWN', () => {
  it.each([
    [{ save: '3600 1' }, [], true],
    [{ save: '3600 1' }, ['NOSAVE'], false],
    [{ save: '' }, [], false],
    [{ save: '' }, ['SAVE'], true],
  ])('with %o %o saves: %s', (directives, words, saves) => {
    const disk = new MemoryDisk();
    const node = filled(directives, disk);
    expect(node.send('SHUTDOWN', ...words)).toBe('');
    expect(node.exited).toBe(0);
    expect(disk.files.has('dump.rdb')).toBe(saves);
    if (saves) expect(restarted(disk).send('DBSIZE')).toBe(':300\r\n');
  });

  it('goes on when the dump can’t be saved, unless it is forced', () => {
    const disk = new MemoryDisk();
    const node = filled({ save: '3600 1' }, disk);
    disk.writeFailure = FULL;
    expect(node.send('SHUTDOWN')).toBe('-ERR Errors trying to SHUTDOWN. Check logs.\r\n');
    expect(node.lines).toContain("# Error trying to save the DB, can't exit.");
    expect(node.send('GET', 'key:1')).toBe('$7\r\nvalue 1\r\n');
    node.send('SHUTDOWN', 'FORCE');
    expect(node.lines).toContain('# Error trying to save the DB. Exit anyway.');
    expect(node.exited).toBe(0);
  });

  it('gives up a BGSAVE and a rewrite, and leaves nothing of them', () => {
    const disk = new MemoryDisk();
    const node = filled({ appendonly: 'yes' }, disk);
    node.send('BGREWRITEAOF');
    node.send('SHUTDOWN');
    expect([...disk.files.keys()].filter((name) => name.startsWith('temp'))).toEqual([]);
    expect(restarted(disk, { appendonly: 'yes' }).send('DBSIZE')).toBe(':300\r\n');
  });
});

describe('a dump', () => {
  const sound = new MemoryDisk();
  filled({}, sound).send('SAVE');
  const bytes = sound.files.get('dump.rdb')!.bytes;

  it.each([
    [
      'cut off',
      bytes.subarray(0, bytes.length - 20),
      'Short read or OOM loading DB. Unrecoverable error, aborting now.',
    ],
    ['changed', Buffer.from(bytes.map((byte, i) => (i === 2000 ? byte ^ 1 : byte))), /checksum|corrupt/i],
    [
      'something else',
      Buffer.from('hello, this is not a dump at all'),
      'Wrong signature trying to load DB from file',
    ],
  ])('that is %s keeps the node from starting', (_, contents, complaint) => {
    const disk = new MemoryDisk();
    disk.put('dump.rdb', contents);
    const node = new LoneNode({}, { disk });
    expect(node.loaded).toBe(false);
    expect(node.lines.join('\n')).toMatch(complaint);
    expect(node.lines.at(-1)).toBe('# Terminating server after rdb file reading failure.');
  });

  it('is loaded in pieces, while clients are told to wait', () => {
    const disk = new MemoryDisk();
    disk.put('dump.rdb', bytes);
    const node = new LoneNode({ 'loading-process-events-interval-bytes': '1024' }, { disk });
    expect(node.loaded).toBeUndefined();
    expect(node.send('GET', 'key:1')).toBe('-LOADING Redis is loading the dataset in memory\r\n');
    expect(node.info('loading')).toBe('1');
    expect(node.info('loading_total_bytes')).toBe(String(bytes.length));
    node.advance(1000);
    expect(node.loaded).toBe(true);
    expect(node.info('loading')).toBe('0');
    expect(node.info('loading_total_bytes')).toBeUndefined();
    expect(node.send('GET', 'key:1')).toBe('$7\r\nvalue 1\r\n');
  });

  it('goes through the file and back with DEBUG RELOAD', () => {
    const disk = new MemoryDisk();
    const node = filled({}, disk);
    const digest = node.digest();
    expect(node.send('DEBUG', 'RELOAD')).toBe('+OK\r\n');
    expect(node.digest()).toBe(digest);
    node.send('SET', 'new', 'x');
    expect(node.send('DEBUG', 'RELOAD', 'NOSAVE')).toBe('+OK\r\n');
    expect(node.digest()).toBe(digest);
    node.send('SET', 'new', 'x');
    node.send('SET', 'key:1', 'x');
    expect(node.send('DEBUG', 'RELOAD', 'NOSAVE', 'NOFLUSH', 'MERGE')).toBe('+OK\r\n');
    expect(node.send('GET', 'key:1')).toBe('$7\r\nvalue 1\r\n');
    expect(node.send('DBSIZE')).toBe(':301\r\n');
  });
});

describe('a node whose append-only file fails under appendfsync always', () => {
  it('says nothing any more', () => {
    const disk = new MemoryDisk();
    const node = new LoneNode({ appendonly: 'yes', appendfsync: 'always' }, { disk });
    expect(node.send('SET', 'a', '1')).toBe('+OK\r\n');
    disk.writeFailure = FULL;
    expect(node.send('SET', 'a', '2')).toBe('');
    expect(node.exited).toBe(1);
    expect(node.send('PING')).toBe('');
    node.advance(60_000);
    expect(node.output).toBe('');
  });
});

describe('DEBUG LOADAOF', () => {
  it('goes on with the manifest that it reads, as a start does: without increments they are counted anew', () => {
    const disk = new MemoryDisk();
    const node = new LoneNode({ appendonly: 'yes' }, { disk });
    node.send('SET', 'a', '1');
    const increments = () => [...disk.files.keys()].filter((name) => name.endsWith('.incr.aof'));
    for (const step of [
      ['CONFIG', 'SET', 'appendonly', 'no'],
      ['BGREWRITEAOF'],
      ['DEBUG', 'LOADAOF'],
      ['CONFIG', 'SET', 'appendonly', 'yes'],
    ]) {
      node.send(...step);
      node.advance(100);
    }
    expect(increments()).toEqual(['appendonlydir/appendonly.aof.1.incr.aof']);
    expect(node.send('GET', 'a')).toBe('$1\r\n1\r\n');
  });
});

describe('under appendfsync always', () => {
  it.each([
    [['BGREWRITEAOF'], '+Background append only file rewriting started\r\n'],
    [['CONFIG', 'SET', 'appendonly', 'no'], '+OK\r\n'],
    [['DEBUG', 'LOADAOF'], '+OK\r\n'],
  ])('%o in a pipeline keeps every reply, in order', (command, reply) => {
    const node = new LoneNode({ appendonly: 'yes', appendfsync: 'always' });
    node.sendTogether(['SET', 'a', '1'], ['GET', 'a'], command, ['SET', 'b', '2'], ['GET', 'b']);
    node.advance(100);
    expect(node.output).toBe(`+OK\r\n$1\r\n1\r\n${reply}+OK\r\n$1\r\n2\r\n`);
  });

  it('a rewrite asked for by one client keeps the replies of others', () => {
    const disk = new MemoryDisk();
    disk.syncAtOnce = false;
    const node = new LoneNode({ appendonly: 'yes', appendfsync: 'always' }, { disk });
    let other = '';
    const handler = node.node.accept({
      ...NO_LINK,
      write(bytes, start, end) {
        other += latin1(bytes, start, end);
        return true;
      },
    });
    const bytes = encodeRequest(['SET', 'a', '1']);
    handler.received(bytes, 0, bytes.length); // its turn isn't over
    expect(node.send('BGREWRITEAOF')).toBe('+Background append only file rewriting started\r\n');
    expect(other).toBe('+OK\r\n');
  });
});
