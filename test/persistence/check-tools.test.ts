/** `hexis check-aof` and `hexis check-rdb` beside redis-check-aof and redis-check-rdb: what they print, and leave behind. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DirectoryDisk } from '../../src/io/disk.js';
import { checkAof } from '../../src/persistence/aof/check.js';
import { checkRdb } from '../../src/persistence/rdb/check.js';
import { Crc64 } from '../../src/persistence/rdb/crc64.js';
import { encodeRequest } from '../../src/protocol/request-parser.js';
import { bundleHexis } from '../support/hexis-process.js';
import { LoneNode } from '../support/lone-node.js';
import { MemoryDisk } from '../support/memory-disk.js';
import { hasRedisServer } from '../support/redis-process.js';

const folder = mkdtempSync(join(tmpdir(), 'hexis-check-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly printed: string;
  readonly ok: boolean;
}

function theirs(tool: 'aof' | 'rdb', args: string[], answer = ''): Outcome {
  const options = { cwd: folder, input: answer, encoding: 'latin1' as const };
  const { stdout, status } = spawnSync(`redis-check-${tool}`, args, options);
  return { printed: plain(stdout), ok: status === 0 };
}

function ourAofCheck(args: string[], answer = ''): Outcome {
  let printed = '';
  const ok = checkAof(args.at(-1)!, {
    disk: new DirectoryDisk(folder),
    fix: args[0] === '--fix',
    truncateTo: args[0] === '--truncate-to-timestamp' ? Number(args[1]) : 0,
    print: (line) => {
      printed += `${line}\n`;
    },
    confirm: (question) => {
      printed += question;
      return answer.startsWith('y');
    },
    now: Date.now(),
  });
  return { printed: plain(printed), ok };
}

function ourRdbCheck(name: string): Outcome {
  let printed = '';
  const end = checkRdb(name, new DirectoryDisk(folder).open(name)!, Date.now(), (line) => {
    printed += `${line}\n`;
  });
  return { printed: plain(printed), ok: end !== undefined };
}

/**
 * Without what only the original can know, such as the lines of its source, what it takes from unset memory, the type of
 * a key that there isn't yet, and the line number that it counts on from file to file.
 */
function plain(text: string): string {
  if (!text.includes("Reading key '")) text = text.replace('[additional info] Reading type 0 (string)\n', '');
  if (text.includes('Multi Part')) text = text.replace(/ok_up_to_line=\d+/g, 'ok_up_to_line=…');
  return text
    .replace(/Internal error in RDB reading offset \d+, function at rdb\.c:\d+ -> /g, '')
    .replace(/^\d+:C .* # (Terminating server after rdb file reading failure\.\n)?/gm, '')
    .replace(/RDB preamble of AOF file is not sane, aborting\.\n/g, '')
    .replace(/\n+/g, '\n')
    .replace(/got: (0d00|00..)$/gm, 'got: 00');
}

function write(name: string, ...parts: (string | Uint8Array)[]): void {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(
    join(folder, name),
    Buffer.concat(parts.map((part) => Buffer.from(part as string, 'latin1'))),
  );
}

const command = (...words: string[]) => Buffer.from(encodeRequest(words));
const COMMANDS = Buffer.concat([
  command('SELECT', '0'),
  Buffer.from('#TS:1000\r\n'),
  command('SET', 'key', 'a\r\nvalue'),
  command('MULTI'),
  command('INCR', 'n'),
  Buffer.from('#TS:2000\r\n'),
  command('EXEC'),
  command('SET', 'long', 'x'.repeat(200)),
]);

/** A dump with values of every type, most of them with an expiry, some already over. */
function dump(): Buffer {
  const disk = new MemoryDisk();
  const node = new LoneNode({}, { disk });
  const words = Array.from({ length: 300 }, (_, i) => `word:${i}`);
  node.sendTogether(
    ['SET', 'string', 'some words '.repeat(20), 'PXAT', '4000000000000'],
    ['SET', 'number', '12345'],
    ['SET', 'over', 'x', 'PXAT', '1'],
    ['RPUSH', 'list', ...words],
    ['SADD', 'set', ...words],
    ['SADD', 'intset', '1', '2', '300000'],
    ['ZADD', 'zset', ...words.flatMap((word, i) => [`${i / 3}`, word])],
    ['ZADD', 'small zset', '1', 'a', '2.5', 'b'],
    ['HSET', 'hash', ...words.flatMap((word) => [word, 'v'])],
    ['HSET', 'small hash', 'f', 'v'],
    ['SELECT', '3'],
    ['SET', 'elsewhere', 'x'],
    ['SAVE'],
  );
  return disk.files.get('dump.rdb')!.bytes;
}

function sealed(rdb: Buffer): Buffer {
  const crc = new Crc64();
  crc.update(rdb, 0, rdb.length - 8);
  crc.writeTo(rdb, rdb.length - 8);
  return rdb;
}

describe.skipIf(!hasRedisServer())('check-aof', () => {
  const compare = (args: string[], answer = '', mended = args.at(-1)!) => {
    const file = join(folder, mended);
    const copy = join(folder, 'copy');
    copyFileSync(file, copy);
    const expected = theirs('aof', args, answer);
    const left = readFileSync(file);
    copyFileSync(copy, file);
    const found = ourAofCheck(args, answer);
    expect(found).toEqual(expected);
    expect(readFileSync(file).equals(left), 'the file it leaves').toBe(true);
  };

  it('finds where a file that was cut off anywhere stops being in order', () => {
    for (let cut = 0; cut <= COMMANDS.length; cut += cut < 150 ? 3 : 37) {
      write('a.aof', COMMANDS.subarray(0, cut));
      compare(['a.aof']);
    }
  });

  it('says what is wrong with files of all sorts', () => {
    for (const tail of [
      'garbage',
      '*x\r\n',
      '*1\n$4\r\nPING\r\n',
      '*1\r\n+PING\r\n',
      '*1\r\n$-5\r\n',
      '*1\r\n$4\r\nPINGx\r\n',
      '*1\r\n$400\r\nPING\r\n',
      '*0\r\n',
      `${command('EXEC')}`,
      `${command('MULTI')}${command('multi')}`,
      `${command('MULTI')}${command('SET', 'a', 'b')}`,
      `${command('MULTI')}#TS:1\r\n${command('exec')}`,
    ]) {
      write('a.aof', COMMANDS, tail);
      compare(['a.aof']);
      write('a.aof', tail);
      compare(['a.aof']);
    }
  });

  it('cuts off what is wrong, when told to', () => {
    write('a.aof', COMMANDS, 'garbage');
    compare(['--fix', 'a.aof'], 'n\n');
    compare(['--fix', 'a.aof'], 'y\n');
    compare(['--fix', 'a.aof'], '');
    write('a.aof', COMMANDS, command('MULTI'), command('INCR', 'n'));
    compare(['--fix', 'a.aof'], 'y\n');
  });

  it('cuts off what is too new', () => {
    for (const time of ['999', '1000', '1500', '2000', '0']) {
      write('a.aof', COMMANDS);
      compare(['--truncate-to-timestamp', time, 'a.aof']);
    }
    write('a.aof', '#TS:5\r\n', COMMANDS);
    compare(['--truncate-to-timestamp', '4', 'a.aof']);
    write('a.aof', '#TS:x\r\n', COMMANDS);
    compare(['--truncate-to-timestamp', '4', 'a.aof']);
  });

  it('checks an RDB at the beginning', () => {
    const rdb = dump();
    write('a.aof', rdb, COMMANDS);
    compare(['a.aof']);
    write('a.aof', rdb, COMMANDS, 'x');
    compare(['--fix', 'a.aof'], 'y\n');
    write('a.aof', rdb.subarray(0, 100), COMMANDS);
    compare(['a.aof']);
  });

  it('checks all that a manifest names', () => {
    const manifest =
      'file a.1.base.rdb seq 1 type b\nfile a.1.incr.aof seq 1 type i\nfile a.2.incr.aof seq 2 type i\n';
    const path = 'folder/a.manifest';
    write('folder/a.1.base.rdb', dump());
    write('folder/a.1.incr.aof', COMMANDS);
    write('folder/a.2.incr.aof', COMMANDS, '*1');
    write(path, manifest);
    compare([path]);
    compare(['--truncate-to-timestamp', '1500', path]);
    compare(['--fix', path], 'y\n', 'folder/a.2.incr.aof');
    write('folder/a.2.incr.aof', COMMANDS);
    compare([path]);
    compare(['--truncate-to-timestamp', '5000', path]);
    write('folder/a.1.incr.aof', COMMANDS, 'x');
    compare(['--fix', path], 'y\n');
    write('folder/a.1.incr.aof', '');
    write('folder/a.1.base.rdb', COMMANDS);
    compare([path]);
    rmSync(join(folder, 'folder/a.2.incr.aof'));
    compare([path]);
    write(path, `# a comment\n${manifest}${manifest}`);
    compare([path]);
    write(path, '# a comment\nfile a seq 1\n');
    compare([path]);
  });
});

describe.skipIf(!hasRedisServer())('check-rdb', () => {
  const compare = (place = '') => {
    expect(ourRdbCheck('a.rdb'), place).toEqual(theirs('rdb', ['a.rdb']));
  };

  it('tells what is in a sound file', () => {
    write('a.rdb', dump());
    compare();
    const unchecked = dump();
    unchecked.fill(0, unchecked.length - 8);
    write('a.rdb', unchecked);
    compare();
  });

  it('says where a file that was cut off stops', () => {
    const rdb = dump();
    for (let cut = 9; cut < rdb.length; cut += cut < 400 ? 7 : 997) {
      write('a.rdb', rdb.subarray(0, cut));
      compare(`cut at ${cut}`);
    }
  });

  it('says what is wrong with a damaged file', () => {
    const rdb = dump();
    for (const offset of [0, 5, 7, rdb.length - 1, rdb.length >> 1]) {
      const damaged = Buffer.from(rdb);
      damaged[offset] ^= 1;
      write('a.rdb', damaged);
      compare(`bit of byte ${offset} flipped`);
    }
    // With a checksum that is right: what the values' own checks find.
    for (const text of ['small zset', 'small hash', 'intset', 'elsewhere']) {
      const damaged = Buffer.from(rdb);
      damaged[damaged.indexOf(text, 0, 'latin1') - 2] = 0x40 - 1;
      write('a.rdb', sealed(damaged));
      compare(`type of '${text}' changed`);
      const shortened = Buffer.from(rdb);
      shortened[shortened.indexOf(text, 0, 'latin1') + text.length + 3] ^= 0x55;
      write('a.rdb', sealed(shortened));
      compare(`value of '${text}' changed`);
    }
  });
});

describe('the commands', () => {
  let bundle: Awaited<ReturnType<typeof bundleHexis>>;
  beforeAll(async () => {
    bundle = await bundleHexis();
  });
  afterAll(() => bundle.remove());

  const run = (args: string[], input = '') => {
    const options = { cwd: folder, input, encoding: 'latin1' as const };
    const { stdout, stderr, status } = spawnSync(process.execPath, [bundle.program, ...args], options);
    return { stdout, stderr, status };
  };

  it('check and mend files', () => {
    write('b.aof', COMMANDS, 'x');
    write('b.rdb', dump());
    expect(run(['check-aof', 'b.aof'])).toMatchObject({ status: 1, stderr: '' });
    expect(run(['check-aof', '--fix', 'b.aof'], 'y\n').stdout).toContain(
      'Successfully truncated AOF b.aof\n',
    );
    expect(run(['check-aof', 'b.aof'])).toMatchObject({ status: 0, stderr: '' });
    expect(run(['check-rdb', 'b.rdb'])).toMatchObject({ status: 0, stderr: '' });
    expect(run(['check-rdb', 'b.aof'])).toMatchObject({ status: 1, stderr: '' });
    expect(run(['check-rdb', 'none'])).toMatchObject({ status: 1, stderr: '' });
    expect(run(['check-aof', 'none']).stdout).toBe('Cannot open file none: No such file or directory\n');
    expect(run(['check-aof', '--truncate-to-timestamp', 'soon', 'b.aof'])).toMatchObject({
      status: 1,
      stdout: 'Invalid timestamp, aborting...\n',
    });
    expect(run(['check-aof']).status).toBe(1);
    expect(run(['check-rdb']).status).toBe(1);
    expect(run(['check-aof', '--help'])).toMatchObject({ status: 0, stderr: '' });
    expect(run(['check-rdb', '--help'])).toMatchObject({ status: 0, stderr: '' });
  });
});
