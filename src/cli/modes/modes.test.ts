import { describe, expect, it } from 'vitest';
import { type Bytes, fromLatin1, latin1 } from '../../protocol/bytes.js';
import { RdbTransfer, TransferError } from '../../protocol/rdb-transfer.js';
import { HottestKeys } from './hot-keys.js';
import { KeyStatistics } from './key-statistics.js';
import { samplesText } from './latency.js';
import { ModeError, percent } from './mode.js';
import { RequestSplitter } from './pipe-route.js';
import { humanBytes, statLine } from './stat.js';

describe('an RDB transfer', () => {
  const mark = '0123456789'.repeat(4);

  /** The file, and what follows it, from a stream cut into pieces of `step` bytes. */
  function receive(stream: string, step: number): { file: string; rest: string; done: boolean } {
    const transfer = new RdbTransfer();
    let file = '';
    let at = 0;
    for (; at < stream.length && !transfer.done; at += step) {
      const bytes: Bytes = transfer.push(fromLatin1(stream.slice(at, at + step)));
      file += latin1(bytes);
    }
    return { file, rest: latin1(transfer.rest) + stream.slice(at), done: transfer.done };
  }

  it.each([1, 2, 7, 41, 1000])('ends by its length, in pieces of %i bytes', (step) => {
    const got = receive('\n\n$12\r\nREDIS\r\n$99\r\n*1\r\nrest', step);
    expect(got).toEqual({ file: 'REDIS\r\n$99\r\n', rest: '*1\r\nrest', done: true });
  });

  it.each([1, 2, 7, 41, 1000])('ends by its mark, in pieces of %i bytes', (step) => {
    const got = receive(`\n$EOF:${mark}\r\nREDIS 0123456789 data${mark}`, step);
    expect(got).toEqual({ file: 'REDIS 0123456789 data', rest: '', done: true });
  });

  it('is empty when the server says so', () => {
    expect(receive('$0\r\n', 1)).toEqual({ file: '', rest: '', done: true });
  });

  it('is not done before its end', () => {
    expect(receive('$12\r\nREDIS', 3)).toMatchObject({ file: 'REDIS', done: false });
    expect(receive(`$EOF:${mark}\r\nREDIS${mark.slice(1)}`, 3)).toMatchObject({ done: false });
  });

  it.each([
    '-NOAUTH no\r\n',
    '$-1\r\n',
    '$EOF:short\r\n',
    '+OK\r\n',
    'x'.repeat(5000),
  ])('refuses %.20j', (text) => expect(() => receive(text, 1000)).toThrow(TransferError));
});

describe('a stream of requests', () => {
  const stream = '*2\r\n$3\r\nGET\r\n$1\r\na\r\n\r\nset b "x y"\n*1\r\n$4\r\nPING\r\n*0\r\n\r\n';

  it.each([1, 2, 3, 7, 1000])('is taken apart in pieces of %i bytes', (step) => {
    const splitter = new RequestSplitter();
    const requests: { words: string[]; text: string }[] = [];
    for (let at = 0; at < stream.length; at += step)
      for (const { words, bytes } of splitter.push(fromLatin1(stream.slice(at, at + step))))
        requests.push({ words, text: latin1(bytes) });
    expect(requests).toEqual([
      { words: ['GET', 'a'], text: '*2\r\n$3\r\nGET\r\n$1\r\na\r\n' },
      { words: ['set', 'b', 'x y'], text: '*3\r\n$3\r\nset\r\n$1\r\nb\r\n$3\r\nx y\r\n' },
      { words: ['PING'], text: '*1\r\n$4\r\nPING\r\n' },
    ]);
    expect(splitter.unfinished).toBe(0);
  });

  it('knows when it is cut off, or none', () => {
    const splitter = new RequestSplitter();
    expect([...splitter.push(fromLatin1('*2\r\n$3\r\nGE'))]).toEqual([]);
    expect(splitter.unfinished).toBeGreaterThan(0);
    expect(() => [...new RequestSplitter().push(fromLatin1('*1\r\n+PING\r\n'))]).toThrow(ModeError);
  });
});

describe('key statistics', () => {
  it('report new records and the summary', () => {
    const statistics = new KeyStatistics(false);
    expect(statistics.add('a', 'string', 5, '00.00')).toBe(
      '[00.00%] Biggest string found so far \'"a"\' with 5 bytes\n',
    );
    expect(statistics.add('b', 'string', 5, '50.00')).toBeUndefined();
    expect(statistics.add('module', 'graph', 0, '50.00')).toBeUndefined();
    const summary = statistics.summary();
    expect(summary).toContain(
      'Sampled 3 keys in the keyspace!\nTotal key length in bytes is 8 (avg len 2.67)\n',
    );
    expect(summary).toContain('2 strings with 10 bytes (66.67% of keys, avg size 5.00)\n');
    expect(summary).toContain('0 lists with 0 items (00.00% of keys, avg size 0.00)\n');
    expect(summary).toContain('1 graphs with 0 ? (33.33% of keys, avg size 0.00)\n');
  });

  it('keep the sixteen hottest keys', () => {
    const hottest = new HottestKeys();
    expect(hottest.add('never', 0)).toBe(false);
    for (let i = 1; i <= 20; i++) expect(hottest.add(`key:${i}`, i)).toBe(true);
    expect(hottest.add('cold', 4)).toBe(false);
    const lines = hottest.summary().trimEnd().split('\n');
    expect(lines).toHaveLength(16);
    expect(lines[0]).toBe('hot key found with counter: 20\tkeyname: "key:20"');
    expect(lines[15]).toBe('hot key found with counter: 5\tkeyname: "key:5"');
  });
});

describe('figures', () => {
  it('of --stat add up over the servers', () => {
    const info = new Map([
      ['db0', 'keys=10,expires=0,avg_ttl=0'],
      ['db1', 'keys=5,expires=0,avg_ttl=0'],
      ['used_memory', String(1024 * 1024)],
      ['connected_clients', '2'],
      ['blocked_clients', '1'],
      ['total_commands_processed', '100'],
      ['total_connections_received', '7'],
      ['rdb_bgsave_in_progress', '1'],
      ['aof_rewrite_in_progress', '0'],
      ['loading', '0'],
    ]);
    expect(statLine([info], undefined)).toBe(
      '15         1.00M    2       1       100 (+0)            7           SAVE',
    );
    expect(statLine([info, info], 150)).toBe(
      '30         2.00M    4       2       200 (+50)           14          SAVE',
    );
  });

  it('of memory, shares and latency', () => {
    expect([0, 1023, 1536, 5 * 1024 ** 2, 3 * 1024 ** 3, 2 * 1024 ** 4].map(humanBytes)).toEqual([
      '0B',
      '1023B',
      '1.50K',
      '5.00M',
      '3.00G',
      '2048.00G',
    ]);
    expect([percent(0, 0), percent(1, 3), percent(1, 1)]).toEqual(['00.00', '33.33', '100.00']);
    const samples = { count: 4, min: 0, max: 3, total: 5 };
    expect(samplesText(samples, 'standard')).toBe('min: 0, max: 3, avg: 1.25 (4 samples)');
    expect(samplesText(samples, 'raw')).toBe('0 3 1.25 4\n');
    expect(samplesText(samples, 'json')).toBe('{"min": 0, "max": 3, "avg": 1.25, "count": 4}\n');
  });
});
