import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../../../test/support/memory-disk.js';
import { testSeed, withSeed } from '../../../test/support/random.js';
import { SmallLog } from '../../../test/support/small-log.js';
import { DiskError } from '../../node/host.js';

const MANIFEST = 'appendonlydir/appendonly.aof.manifest';
const FIRST = 'appendonlydir/appendonly.aof.1.incr.aof';
const NO_SPACE = new DiskError('ENOSPC', 'No space left on device');

function started(): SmallLog {
  return new SmallLog().open();
}

describe('the append-only log', () => {
  it('begins with a base and an increment and records commands behind a SELECT', () => {
    const log = started();
    expect(log.disk.text(MANIFEST)).toBe(
      'file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n',
    );
    log.node.run('SET', 'k', 'v');
    expect(log.disk.text(FIRST)).toBe('');
    log.endTurn();
    expect(log.disk.text(FIRST)).toBe(
      '*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n',
    );
    const next = log.restarted().open();
    expect(next.node.dump()).toEqual({ '0/k': 'v@-1' });
    expect(next.lines).toContain('Opening AOF incr file appendonly.aof.1.incr.aof on server start');
  });

  it('brings back any history of commands, over any number of restarts and rewrites', () => {
    withSeed(testSeed(21), 'src/persistence/aof/append-only-log.test.ts', (random) => {
      let log = started();
      for (let step = 0; step < 3000; step++) {
        log.node.database = random.below(3);
        const key = `k${random.below(300)}`;
        const choice = random.below(6);
        if (choice === 0) log.node.run('DEL', key);
        else if (choice === 1) log.node.run('APPEND', key, random.text(40));
        else if (choice === 2) log.node.run('PEXPIREAT', key, String(2e12 + step));
        else log.node.run('SET', key, random.text(60));
        if (random.below(3) === 0) log.endTurn();
        if (random.below(200) === 0) log.log.beginRewrite();
        if (random.below(20) === 0) log.time.advance(random.below(3));
        if (random.below(400) > 0) continue;
        log.endTurn();
        const next = log.restarted();
        expect(next.node.dump()).toEqual(log.node.dump());
        log = next.open();
      }
      expect(log.lines.length).toBeGreaterThan(0);
    });
  });

  it('has replies wait for an fsync that covers them, one fsync at a time, under always', () => {
    const log = started();
    log.settings.appendfsync = 'always';
    log.disk.syncAtOnce = false;
    log.disk.syncs = 0;
    const turn = (name: string) => {
      log.node.run('SET', name, 'v');
      log.posted.push(name);
      log.endTurn();
    };
    turn('a');
    turn('b');
    log.posted.push('a read');
    log.endTurn();
    expect([log.sent, log.disk.syncs]).toEqual([[], 1]);
    log.node.run('SET', 'c', 'v'); // this turn hasn't ended when the fsync does
    log.posted.push('c');
    log.disk.finishSyncs();
    expect([log.sent, log.disk.syncs]).toEqual([['a'], 1]); // the client of a may write again
    expect(log.disk.text(FIRST)).toContain('$1\r\nc\r\n');
    log.time.advance(3);
    expect([log.sent, log.disk.syncs]).toEqual([['a'], 2]);
    log.disk.finishSyncs();
    log.endTurn();
    expect([log.sent, log.disk.syncs]).toEqual([['a', 'b', 'a read', 'c'], 2]);
  });

  it('gathers the group again where the disk is so fast that an fsync is over at once', () => {
    const log = started();
    log.settings.appendfsync = 'always';
    const turn = (...names: string[]) => {
      for (const name of names) log.node.run('SET', name, 'v');
      log.posted.push(...names);
      log.endTurn();
    };
    turn('a', 'b', 'c');
    expect(log.sent).toEqual(['a', 'b', 'c']);
    turn('d');
    expect(log.sent).toEqual(['a', 'b', 'c']);
    turn('e', 'f');
    expect(log.sent).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('lets a read that came during an fsync go with it, though nothing is written any more', () => {
    const log = started();
    log.settings.appendfsync = 'always';
    log.disk.syncAtOnce = false;
    log.node.run('SET', 'a', 'v');
    log.posted.push('a');
    log.endTurn();
    log.posted.push('a read');
    log.endTurn();
    log.disk.finishSyncs();
    expect(log.sent).toEqual(['a', 'a read']);
  });

  it('lets replies go when the policy changes while they wait', () => {
    const log = started();
    log.settings.appendfsync = 'always';
    log.disk.syncAtOnce = false;
    for (const name of ['a', 'b']) {
      log.node.run('SET', name, 'v');
      log.posted.push(name);
      log.endTurn();
    }
    log.settings.appendfsync = 'everysec';
    log.disk.finishSyncs();
    expect(log.sent).toEqual(['a', 'b']);
  });

  it('syncs once a second under everysec, and only what is new', () => {
    const log = started();
    log.disk.syncs = 0;
    log.node.run('SET', 'k', 'v');
    log.endTurn();
    log.time.advance(999);
    expect(log.disk.syncs).toBe(0);
    log.time.advance(1);
    expect(log.disk.syncs).toBe(1);
    log.time.advance(5000);
    expect(log.disk.syncs).toBe(1);
  });

  it('keeps commands that could not be written, and writes them when it can', () => {
    const log = started();
    log.node.run('SET', 'a', '1');
    log.endTurn();
    log.disk.writeFailure = NO_SPACE;
    log.disk.shortWrite = 5;
    log.node.run('SET', 'b', '2');
    log.endTurn();
    expect(log.log.error).toBe('No space left on device');
    expect(log.lines).toContain('Error writing to the AOF file: No space left on device');
    expect(log.restarted().node.dump()).toEqual({ '0/a': '1@-1' });
    log.disk.writeFailure = undefined;
    log.time.advance(1000);
    expect(log.log.error).toBeUndefined();
    expect(log.lines).toContain('AOF write error looks solved, Redis can write again.');
    expect(log.restarted().node.dump()).toEqual(log.node.dump());
  });

  it('ends the process under always when a write or an fsync fails', () => {
    for (const what of ['writeFailure', 'syncFailure'] as const) {
      const log = started();
      log.settings.appendfsync = 'always';
      log.disk[what] = NO_SPACE;
      log.node.run('SET', 'a', '1');
      log.posted.push('a');
      log.endTurn();
      expect([log.exited, log.sent]).toEqual([1, []]);
    }
  });

  it('refuses writes under everysec while fsyncs fail', () => {
    const log = started();
    log.node.run('SET', 'a', '1');
    log.endTurn();
    log.disk.syncFailure = new DiskError('EIO', 'Input/output error');
    log.time.advance(1000);
    expect(log.log.error).toBe('Input/output error');
    log.disk.syncFailure = undefined;
    log.time.advance(1000);
    expect(log.log.error).toBeUndefined();
  });
});

describe('a rewrite', () => {
  it('leaves old files alone with aof-disable-auto-gc', () => {
    const log = started();
    log.settings['aof-disable-auto-gc'] = true;
    log.log.beginRewrite();
    log.time.advance(10);
    expect(log.disk.text(MANIFEST)).toContain('file appendonly.aof.1.base.rdb seq 1 type h\n');
    expect(log.disk.text(FIRST)).toBe('');
    log.settings['aof-disable-auto-gc'] = false;
    log.log.deleteHistory();
    expect(log.disk.text(MANIFEST)).not.toContain('type h');
    expect(log.disk.text(FIRST)).toBeUndefined();
  });

  it('leaves a base, one increment and nothing else', () => {
    const log = started();
    for (let i = 0; i < 100; i++) log.node.run('SET', 'k', String(i));
    expect(log.log.beginRewrite()).toBe(true);
    log.node.run('SET', 'meanwhile', 'v');
    log.endTurn();
    log.time.advance(10);
    expect(log.log.rewriteInProgress).toBe(false);
    expect([...log.disk.files.keys()].sort()).toEqual([
      'appendonlydir/appendonly.aof.2.base.rdb',
      'appendonlydir/appendonly.aof.2.incr.aof',
      MANIFEST,
    ]);
    expect(log.disk.text(MANIFEST)).toBe(
      'file appendonly.aof.2.base.rdb seq 2 type b\nfile appendonly.aof.2.incr.aof seq 2 type i\n',
    );
    expect(log.restarted().node.dump()).toEqual({ '0/k': '99@-1', '0/meanwhile': 'v@-1' });
    expect(log.lines).toContain('Background AOF rewrite finished successfully');
  });

  it('can be cut off by a crash at any moment', () => {
    const log = started();
    const crashed: Record<string, string>[] = [];
    for (let i = 0; i < 3000; i++) log.node.run('SET', `k${i}`, 'some value that takes room'.repeat(9));
    log.endTurn();
    const expected = log.node.dump();
    log.log.beginRewrite();
    while (log.log.rewriteInProgress) {
      crashed.push(log.restarted().node.dump());
      log.time.advance(0.5);
    }
    expect(crashed.length).toBeGreaterThan(0);
    for (const dump of crashed) expect(dump).toEqual(expected);
    expect(log.restarted().node.dump()).toEqual(expected);
  });

  it('that fails leaves the log going on, and is tried again later and later', () => {
    const log = started();
    log.settings['auto-aof-rewrite-min-size'] = 100;
    for (let i = 0; i < 50; i++) log.node.run('SET', `k${i}`, 'value');
    log.endTurn();
    const broken = new Set(['temp-rewriteaof-bg-42-appendonly.aof']);
    const append = log.disk.append.bind(log.disk);
    log.disk.append = (path) => {
      if (broken.has(path)) throw NO_SPACE;
      return append(path);
    };
    expect(log.log.beginRewrite()).toBe(false);
    expect(log.log.lastRewriteOk).toBe(false);
    log.node.run('SET', 'after', 'v');
    log.endTurn();
    expect(log.restarted().node.dump()).toEqual(log.node.dump());
    broken.clear();
    log.time.advance(3000);
    expect(log.log.lastRewriteOk).toBe(true);
    expect(log.restarted().node.dump()).toEqual(log.node.dump());
  });

  it('begins by itself when the files have grown as much as asked', () => {
    const log = started();
    log.settings['auto-aof-rewrite-min-size'] = 1000;
    for (let i = 0; i < 100; i++) log.node.run('SET', 'k', String(i));
    log.endTurn();
    log.time.advance(1100);
    expect(log.lines.some((line) => line.startsWith('Starting automatic rewriting of AOF on '))).toBe(true);
    expect(log.log.rewrites).toBe(1);
    expect(log.log.rewriteBaseSize).toBe(log.log.currentSize);
    log.time.advance(5000);
    expect(log.log.rewrites).toBe(1);
  });

  it('switches the log on while the node runs; until it ends the old files stand', () => {
    const log = new SmallLog();
    log.make();
    log.node.run('SET', 'before', 'v');
    log.log.start();
    log.node.run('SET', 'meanwhile', 'v');
    log.endTurn();
    expect(log.log.state).toBe('waiting');
    expect(log.restarted().node.dump()).toEqual({});
    log.time.advance(10);
    expect(log.log.state).toBe('on');
    expect(log.restarted().node.dump()).toEqual(log.node.dump());
    log.log.stop();
    log.node.run('SET', 'after', 'v');
    expect(Object.keys(log.restarted().node.dump())).toEqual(['0/before', '0/meanwhile']);
  });
});

describe('recovery', () => {
  it('finds the longest whole prefix of a file cut anywhere, and cuts the rest off', () => {
    const log = started();
    const states: [length: number, dump: string][] = [[0, '{}']];
    const record = () => {
      log.endTurn();
      states.push([log.disk.text(FIRST)!.length, JSON.stringify(log.node.dump())]);
    };
    for (let i = 0; i < 12; i++) {
      log.node.database = i % 2;
      log.node.run('SET', `k${i}`, `value ${i}\r\n*1\r\n`);
      record();
    }
    const inner = [
      ['SET', 'in', 'one'],
      ['APPEND', 'in', ' and two'],
    ];
    log.node.emit('MULTI');
    for (const words of inner) log.node.run(...words);
    log.node.emit('EXEC');
    record();
    const whole = log.disk.text(FIRST)!;
    for (let end = 0; end <= whole.length; end++) {
      const disk = log.disk.copy();
      disk.put(FIRST, whole.slice(0, end));
      const next = new SmallLog(disk);
      expect(next.load()).toBe('ok');
      const expected = states.findLast(([length]) => length <= end)!;
      expect(JSON.stringify(next.node.dump())).toBe(expected[1]);
      const kept = disk.text(FIRST)!;
      expect(whole.startsWith(kept)).toBe(true);
      expect(kept.length).toBeGreaterThanOrEqual(expected[0]);
      next.open();
      next.node.database = 0;
      next.node.run('SET', 'later', 'v');
      next.endTurn();
      expect(next.restarted(false).node.dump()).toEqual(next.node.dump());
    }
  });

  it('refuses a cut file when it is told to, or when it is not the last', () => {
    const log = started();
    log.node.run('SET', 'k', 'v');
    log.endTurn();
    const cut = log.disk.copy();
    cut.put(FIRST, log.disk.text(FIRST)!.slice(0, -3));
    const strict = new SmallLog(cut);
    expect(strict.load(false)).toBe('failed');
    expect(strict.lines.at(-1)).toContain('Unexpected end of file reading the append only file');
    cut.put('appendonlydir/appendonly.aof.2.incr.aof', '');
    cut.put(MANIFEST, `${cut.text(MANIFEST)}file appendonly.aof.2.incr.aof seq 2 type i\n`);
    const middle = new SmallLog(cut);
    expect(middle.load()).toBe('failed');
    expect(middle.lines.at(-1)).toBe('Fatal error: the truncated file is not the last file');
  });

  it('refuses what is not a log, an unknown command, a missing file', () => {
    const make = (text: string) => {
      const log = started();
      log.disk.put(FIRST, text);
      return log.restarted();
    };
    expect(make('hello\r\n').lines.at(-1)).toContain('Bad file format reading the append only file');
    expect(make('*0\r\n').lines.at(-1)).toContain('Bad file format');
    expect(make('*1\r\n$4\r\nNOPE\r\n').lines.at(-1)).toContain("Unknown command 'NOPE' reading");
    const log = started();
    log.disk.remove(FIRST);
    const next = new SmallLog(log.disk);
    expect(next.load()).toBe('failed');
    expect(next.lines.at(-1)).toContain('Unable to obtain the AOF file appendonly.aof.1.incr.aof length');
  });

  it('passes over annotations', () => {
    const log = started();
    log.disk.put(FIRST, '#TS:1628217470\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n#TS:16282');
    expect(log.restarted(false).node.dump()).toEqual({ '0/k': 'v@-1' });
  });

  it('survives flipped bits: an answer, never a crash', () => {
    withSeed(testSeed(22), 'src/persistence/aof/append-only-log.test.ts', (random) => {
      const log = started();
      for (let i = 0; i < 20; i++) log.node.run('SET', `k${i}`, random.text(20));
      log.endTurn();
      const whole = Buffer.from(log.disk.text(FIRST)!, 'latin1');
      for (let at = 0; at < whole.length; at++) {
        const broken = Buffer.from(whole);
        broken[at] ^= 1 << random.below(8);
        const disk = log.disk.copy();
        disk.put(FIRST, broken);
        expect(['ok', 'failed']).toContain(new SmallLog(disk).load());
      }
    });
  });

  it('takes over a single file of older versions, with or without an RDB in front', () => {
    const source = started();
    for (let i = 0; i < 10; i++) source.node.run('SET', `k${i}`, 'v');
    source.log.beginRewrite();
    source.endTurn();
    source.time.advance(10);
    const base = source.disk.text('appendonlydir/appendonly.aof.2.base.rdb')!;
    const tail = '*3\r\n$3\r\nSET\r\n$3\r\nnew\r\n$1\r\nv\r\n';
    for (const [text, keys] of [
      [base + tail, 11],
      [tail, 1],
    ] as const) {
      const disk = new MemoryDisk();
      disk.put('appendonly.aof', text);
      const log = new SmallLog(disk);
      expect(log.load()).toBe('ok');
      expect(Object.keys(log.node.dump()).length).toBe(keys);
      log.open();
      expect([...disk.files.keys()].sort()).toEqual([FIRST, MANIFEST, 'appendonlydir/appendonly.aof'].sort());
      expect(log.restarted().node.dump()).toEqual(log.node.dump());
    }
  });
});
