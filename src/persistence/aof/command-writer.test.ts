import { describe, expect, it } from 'vitest';
import { randomData } from '../../../test/persistence/random-data.js';
import { LoneNode } from '../../../test/support/lone-node.js';
import { MemoryDisk } from '../../../test/support/memory-disk.js';
import { testSeed, withSeed } from '../../../test/support/random.js';

const COMMANDS = { appendonly: 'yes', 'aof-use-rdb-preamble': 'no' };
const BASE = 'appendonlydir/appendonly.aof.2.base.aof';

function rewritten(node: LoneNode): string {
  node.send('BGREWRITEAOF');
  node.advance(1000);
  return (node.disk as MemoryDisk).text(BASE)!;
}

/** Requests in the text of a file, a line each. */
function requests(text: string): string[] {
  return text
    .split('*')
    .slice(1)
    .map((request) =>
      request
        .split('\r\n')
        .filter((_, i) => i > 0 && i % 2 === 0)
        .join(' '),
    );
}

describe('a base of commands', () => {
  it('makes each type of value anew', () => {
    const node = new LoneNode(COMMANDS);
    node.sendTogether(
      ['SET', 's', 'v', 'PXAT', '4000000000000'],
      ['RPUSH', 'l', 'a', 'b'],
      ['SELECT', '2'],
      ['SADD', 'i', '2', '1'],
      ['ZADD', 'z', '1.5', 'a', '-inf', 'b'],
      ['HSET', 'h', 'f', 'v'],
      ['XADD', 'x', '1-1', 'f', 'v', 'g', 'w'],
      ['XGROUP', 'CREATE', 'x', 'g', '0'],
      ['XGROUP', 'CREATECONSUMER', 'x', 'g', 'idle'],
      ['XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 'x', '>'],
      ['XADD', 'empty', '7-7', 'f', 'v'],
      ['XDEL', 'empty', '7-7'],
    );
    const commands = requests(rewritten(node));
    const now = String(node.node.keyspace.now - 1000);
    expect(commands.filter((line) => !line.startsWith('SELECT')).sort()).toEqual([
      'HMSET h f v',
      'PEXPIREAT s 4000000000000',
      'RPUSH l a b',
      'SADD i 1 2',
      'SET s v',
      'XADD empty MAXLEN 0 0-1 x y',
      'XADD x 1-1 f v g w',
      `XCLAIM x g c 0 1-1 TIME ${now} RETRYCOUNT 1 JUSTID FORCE`,
      'XGROUP CREATE x g 1-1 ENTRIESREAD 1',
      'XGROUP CREATECONSUMER x g idle',
      'XSETID empty 7-7 ENTRIESADDED 1 MAXDELETEDID 7-7',
      'XSETID x 1-1 ENTRIESADDED 1 MAXDELETEDID 0-0',
      'ZADD z -inf b 1.5 a',
    ]);
    expect(commands.filter((line) => line.startsWith('SELECT'))).toEqual(['SELECT 0', 'SELECT 2']);
  });

  it('cuts large collections into several commands', () => {
    const node = new LoneNode(COMMANDS);
    node.send('RPUSH', 'l', ...Array.from({ length: 130 }, (_, i) => String(i)));
    const lengths = requests(rewritten(node)).map((line) => line.split(' ').length - 2);
    expect(lengths).toEqual([0, 64, 64, 2]);
  });

  it('is the same data, whatever it is, with libraries', () => {
    withSeed(testSeed(31), 'src/persistence/aof/command-writer.test.ts', (random) => {
      const disk = new MemoryDisk();
      const node = new LoneNode(COMMANDS, { disk });
      node.send('FUNCTION', 'LOAD', "#!lua name=lib\nredis.register_function('f', function() return 1 end)");
      node.sendTogether(...randomData(random, 0, 300));
      node.takeOutput();
      rewritten(node);
      const next = new LoneNode(COMMANDS, { disk: disk.copy() });
      expect(next.loaded, next.lines.join('\n')).toBe(true);
      expect(next.digest()).toBe(node.digest());
      expect(next.send('FCALL', 'f', '0')).toBe(':1\r\n');
    });
  });

  it('begins with the time, as do the commands of a second, when they are to have timestamps', () => {
    const node = new LoneNode({ ...COMMANDS, 'aof-timestamp-enabled': 'yes' });
    const second = () => Math.floor(node.node.keyspace.now / 1000);
    const first = second();
    node.send('SET', 'a', '1');
    node.send('SET', 'b', '2');
    node.advance(1000);
    node.send('SET', 'c', '3');
    const increment = (node.disk as MemoryDisk).text('appendonlydir/appendonly.aof.1.incr.aof')!;
    expect(increment.match(/#TS:\d+\r\n/g)).toEqual([`#TS:${first}\r\n`, `#TS:${first + 1}\r\n`]);
    expect(increment).toMatch(/^#TS:\d+\r\n\*2\r\n\$6\r\nSELECT/);
    const begun = second();
    expect(rewritten(node).startsWith(`#TS:${begun}\r\n`)).toBe(true);
    expect(new LoneNode(COMMANDS, { disk: (node.disk as MemoryDisk).copy() }).digest()).toBe(node.digest());
  });
});
