import { describe, expect, it } from 'vitest';
import { connect, type Dialled, LoneNode } from '../../test/support/lone-node.js';
import { MemoryDisk } from '../../test/support/memory-disk.js';
import { encodeRequest } from '../protocol/request-parser.js';
import { NO_LINK } from './no-link.js';

/** A master with one replica that is played by hand. */
function master(directives: Record<string, string> = {}, disk = new MemoryDisk()) {
  const lone = new LoneNode(directives, { disk });
  const replica = connect(lone);
  const attach = () => {
    replica.send('REPLCONF', 'listening-port', '7001', 'capa', 'eof', 'capa', 'psync2');
    replica.send('PSYNC', '?', '-1');
  };
  return { lone, replica, attach, disk };
}

const ID = 'a'.repeat(40);
const MARK = 'm'.repeat(40);

/** A replica whose master is played by hand, and which has introduced itself. */
function replica(directives: Record<string, string> = {}) {
  const lone = new LoneNode({ replicaof: '127.0.0.1 7000', ...directives });
  const link = () => lone.dialled[lone.dialled.length - 1];
  const introduce = (dialled = link()) => {
    dialled.connected();
    dialled.receive('+PONG\r\n');
    dialled.receive('+OK\r\n+OK\r\n');
  };
  introduce();
  return { lone, link, introduce };
}

/** What a master says to have its replica in full synchronisation, with nothing in it. */
function sendSnapshot(dialled: Dialled): void {
  dialled.receive(`+FULLRESYNC ${ID} 100\r\n`);
  dialled.receive(`$EOF:${MARK}\r\n${snapshotOf()}${MARK}`);
}

/** A dump of what the commands leave behind, bytes as characters. */
function snapshotOf(...commands: string[][]): string {
  const disk = new MemoryDisk();
  const lone = new LoneNode({}, { disk });
  for (const words of commands) lone.send(...words);
  lone.send('SAVE');
  return Buffer.from(disk.read('dump.rdb')!).toString('latin1');
}

/** A request as it stands in the stream. */
function request(...words: string[]): string {
  return Buffer.from(encodeRequest(words)).toString('latin1');
}

describe('a dump', () => {
  it('says where the stream stands, so that a master that starts from it is followed without a full copy', () => {
    const { lone, attach, disk } = master();
    attach();
    lone.advance(10);
    lone.send('SET', 'k', '1');
    lone.send('SET', 'gone', '1', 'PX', '500');
    lone.send('SAVE');
    const id = lone.info('master_replid')!;
    const offset = Number(lone.info('master_repl_offset'));

    lone.time.advance(1000);
    const again = new LoneNode({}, { disk, time: lone.time, seed: 2 });
    expect(again.info('master_replid')).not.toBe(id);
    expect(again.info('master_replid2')).toBe(id);
    expect(again.info('second_repl_offset')).toBe(String(offset + 1));
    const replica = connect(again);
    replica.send('REPLCONF', 'capa', 'eof', 'capa', 'psync2');
    expect(again.info('rdb_last_load_keys_expired')).toBe('1');
    const answer = replica.send('PSYNC', id, String(offset + 1));
    expect(answer).toMatch(/^\+CONTINUE /);
    // It hears of what has expired meanwhile, and nothing else has happened.
    const missed = answer.slice(answer.indexOf('\r\n') + 2);
    expect(missed).toBe('*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*2\r\n$3\r\nDEL\r\n$4\r\ngone\r\n');
    expect(again.info('master_repl_offset')).toBe(String(offset + missed.length));
  });

  it('says nothing about a stream when there is none', () => {
    const lone = new LoneNode({}, { disk: new MemoryDisk() });
    lone.send('SET', 'k', '1');
    lone.send('SAVE');
    const again = new LoneNode({}, { disk: lone.disk, seed: 2 });
    expect(again.info('master_replid2')).toBe('0'.repeat(40));
    expect(again.info('repl_backlog_active')).toBe('0');
  });

  it('of a FLUSHALL claims no place in the stream before it', () => {
    for (const commands of [['FLUSHALL'], ['MULTI', 'FLUSHALL', 'EXEC']]) {
      const { lone, attach, disk } = master({ save: '3600 1' });
      attach();
      lone.advance(10);
      lone.send('SET', 'k', '1');
      const [id, offset] = [lone.info('master_replid')!, Number(lone.info('master_repl_offset'))];
      for (const command of commands) lone.send(command);
      const again = new LoneNode({}, { disk, seed: 2 });
      const replica = connect(again); // that has not heard of it
      replica.send('PSYNC', id, String(offset + 1));
      again.advance(10);
      if (replica.output.startsWith('+CONTINUE')) expect(replica.output).toContain('FLUSHALL');
      else expect(replica.output).toContain('+FULLRESYNC');
    }
  });

  it('lets a replica that starts from it ask to go on', () => {
    const { lone, attach, disk } = master();
    attach();
    lone.advance(10);
    lone.send('SET', 'k', '1');
    lone.send('SAVE');
    const again = new LoneNode({ replicaof: '127.0.0.1 7000' }, { disk, seed: 2 });
    for (const field of ['master_replid', 'master_repl_offset'])
      expect(again.info(field)).toBe(lone.info(field));
    expect(again.send('GET', 'k')).toBe('$1\r\n1\r\n');
  });
});

describe('the stream', () => {
  it('is sent before the client hears that its write is done', () => {
    const { lone, replica, attach } = master();
    attach();
    lone.advance(10);
    replica.send('REPLCONF', 'ACK', '0');
    let sent = '';
    const client = lone.node.accept({
      ...NO_LINK,
      write: () => {
        sent = replica.output;
        return true;
      },
    });
    const bytes = encodeRequest(['SET', 'k', 'v']);
    client.received(bytes, 0, bytes.length);
    lone.node.endOfTurn();
    expect(sent).toContain('$3\r\nSET\r\n');
  });
});

describe('a full synchronisation', () => {
  it('begins at once unless it is told to wait for company', () => {
    const { lone, attach } = master();
    attach();
    lone.advance(1);
    expect(lone.info('slave0')).not.toContain('wait_bgsave');
  });

  it('waits for company no longer than repl-diskless-sync-delay', () => {
    const { lone, attach } = master({ 'repl-diskless-sync-delay': '5' });
    attach();
    lone.advance(4900);
    expect(lone.info('slave0')).toContain('state=wait_bgsave');
    lone.advance(200);
    expect(lone.info('slave0')).not.toContain('wait_bgsave');
  });

  it('waits no longer when enough replicas wait', () => {
    const { lone, attach } = master({
      'repl-diskless-sync-delay': '5',
      'repl-diskless-sync-max-replicas': '2',
    });
    attach();
    lone.advance(100);
    expect(lone.info('slave0')).toContain('state=wait_bgsave');
    const second = connect(lone);
    second.send('REPLCONF', 'listening-port', '7002', 'capa', 'eof', 'capa', 'psync2');
    second.send('PSYNC', '?', '-1');
    lone.advance(1);
    for (const name of ['slave0', 'slave1']) expect(lone.info(name)).not.toContain('wait_bgsave');
    expect(lone.info('sync_full')).toBe('2');
  });
});

describe('a replica that knows no streamed snapshots', () => {
  it('is sent a collected one as fast as it takes it, and is given the time for that', () => {
    const limits = { 'client-output-buffer-limit': 'replica 1500000 0 0', 'repl-backlog-size': '16384' };
    const { lone } = master(limits);
    for (let i = 0; i < 40; i++) lone.send('SETRANGE', `k${i}`, '99999', String(i));
    lone.send('CONFIG', 'SET', 'rdbcompression', 'no');
    const old = connect(lone, true);
    old.send('PSYNC', '?', '-1');
    lone.advance(100);
    expect(lone.info('slave0')).toContain('state=send_bulk');
    for (let minute = 0; minute < 2; minute++) {
      lone.advance(60_000); // it takes nothing, and nothing is put in between
      lone.send('SET', 'k', 'behind');
    }
    expect(lone.info('connected_slaves')).toBe('1');
    for (let i = 0; i < 10; i++) {
      old.read();
      lone.advance(10);
    }
    expect(lone.info('slave0')).toContain('state=online');
    const [, length] = /^\n*\+FULLRESYNC .*\r\n\$(\d+)\r\nREDIS/.exec(old.output)!;
    const begin = old.output.indexOf('REDIS');
    expect(old.output.slice(begin + Number(length)).startsWith(request('PING'))).toBe(true);
    expect(old.output).toMatch(/behind\r\n/);
  });
});

describe('a replica that loads its snapshot', () => {
  it('is not given up while it says that it is alive, by empty lines', () => {
    const { lone, replica, attach } = master();
    attach();
    lone.advance(1000);
    for (let second = 0; second < 90; second++) {
      replica.raw('\n');
      lone.advance(1000);
    }
    expect(replica.closed).toBe(false);
    lone.advance(62_000);
    expect(replica.closed).toBe(true);
    expect(lone.lines).toContain('# Connection with replica :7001 lost.');
  });
});

describe('REPLCONF', () => {
  it('takes only what makes sense, and answers no acknowledgement and no request for one', () => {
    const { lone } = master();
    const refused = (...words: string[]) => lone.send('REPLCONF', ...words);
    expect(refused('listening-port', 'x')).toBe('-ERR value is not an integer or out of range\r\n');
    expect(refused('ip-address', 'x'.repeat(256))).toBe(
      '-ERR REPLCONF ip-address provided by replica instance is too long: 256 bytes\r\n',
    );
    expect(refused('capa')).toBe('-ERR syntax error\r\n');
    expect(lone.send('REPLCONF', 'ip-address', 'x'.repeat(255), 'capa', 'unheard-of')).toBe('+OK\r\n');
    expect(lone.send('REPLCONF', 'ACK', '5')).toBe('');
    expect(lone.send('REPLCONF', 'GETACK', '*')).toBe('');
  });

  it('GETACK has a replica tell its master where it is', () => {
    const { lone, link } = replica();
    sendSnapshot(link());
    link().output = '';
    lone.send('REPLCONF', 'GETACK', '*');
    expect(link().output).toBe(request('REPLCONF', 'ACK', '100'));
  });
});

describe('a connection that becomes a replica', () => {
  it('has had all replies before: they would be taken for the stream', () => {
    const { lone, replica } = master();
    lone.send('SET', 'k', '1');
    const together = request('PING') + request('PSYNC', '?', '-1');
    const refusal = '-ERR SYNC and PSYNC are invalid with pending output\r\n';
    expect(replica.raw(together)).toBe(`+PONG\r\n${refusal}`);
    expect(lone.info('connected_slaves')).toBe('0');
  });

  it('asks with a number', () => {
    const { lone, replica } = master();
    const refusal = '-ERR value is not an integer or out of range\r\n';
    for (const offset of ['x', '', '9223372036854775808']) {
      expect(replica.send('PSYNC', ID, offset)).toBe(refusal);
    }
    expect(replica.send('PING')).toBe('+PONG\r\n');
    expect(
      lone.lines.filter((line) => line.endsWith('asks for synchronization but with a wrong offset')),
    ).toHaveLength(3);
  });

  it('is closed when it asks for something that is answered', () => {
    for (const [command, error] of [
      ['ping', undefined],
      ['get', "-ERR Replica can't interact with the keyspace"],
    ] as const) {
      const { lone, replica, attach } = master();
      attach();
      lone.advance(100);
      expect(replica.send('REPLCONF', 'ACK', '0')).not.toContain('OK');
      expect(replica.closed).toBe(false);
      expect(replica.send(...(error ? [command, 'k'] : [command]))).not.toMatch(/PONG|ERR/);
      expect(replica.closed).toBe(true);
      const told = lone.lines.filter((line) => /CRITICAL|generated/.test(line));
      const sending = `# == CRITICAL == This master is sending an error to its replica: '${error}' after processing the command '${command}'`;
      expect(told.slice(0, -1)).toEqual(error ? [sending] : []);
      expect(told.at(-1)).toContain(
        `# Replica generated a reply to command '${command}', disconnecting it: `,
      );
      expect(lone.info('unexpected_error_replies')).toBe(error ? '1' : '0');
    }
  });
});

describe('REPLICAOF', () => {
  it('is not for replicas, and does nothing when it asks for what is', () => {
    const { lone, replica, attach } = master();
    attach();
    replica.send('REPLICAOF', '127.0.0.1', '7009');
    expect([lone.dialled.length, replica.closed]).toEqual([0, true]);
    expect(lone.send('REPLICAOF', 'Localhost', '7000')).toBe('+OK\r\n');
    expect(lone.send('REPLICAOF', 'localhost', '7000')).toBe('+OK Already connected to specified master\r\n');
    expect(lone.dialled).toHaveLength(1);
    expect(
      lone.lines.some((line) => line.startsWith('* REPLICAOF Localhost:7000 enabled (user request')),
    ).toBe(true);
  });
});

describe('repl-backlog-size', () => {
  it('is 16 KB at least', () => {
    const lone = new LoneNode();
    expect(lone.send('CONFIG', 'SET', 'repl-backlog-size', '1')).toBe('+OK\r\n');
    expect(lone.send('CONFIG', 'GET', 'repl-backlog-size')).toContain('16384');
    expect(lone.info('repl_backlog_size')).toBe('16384');
  });
});

describe('min-replicas-to-write', () => {
  it('asks for nothing with min-replicas-max-lag 0', () => {
    const lone = new LoneNode({ 'min-replicas-to-write': '1' });
    expect(lone.send('SET', 'k', '1')).toMatch(/^-NOREPLICAS /);
    lone.send('CONFIG', 'SET', 'min-replicas-max-lag', '0');
    expect(lone.send('SET', 'k', '1')).toBe('+OK\r\n');
  });
});

describe('a replica', () => {
  it('shows what it does with its master from the answer to PSYNC on', () => {
    const { lone, link } = replica({ 'key-load-delay': '100' });
    const state = () => /\$(?:\d+)\r\n([a-z]+)\r\n:-?\d+\r\n$/.exec(lone.send('ROLE'))![1];
    expect(state()).toBe('handshake');
    expect(lone.info('master_sync_in_progress')).toBe('0');
    link().receive(`+FULLRESYNC ${ID} 100\r\n`);
    expect(state()).toBe('sync');
    expect(lone.info('master_sync_total_bytes')).toBe('-1');
    const contents = snapshotOf(['SET', 'a', '1'], ['SET', 'b', '2'], ['SET', 'c', '3']);
    link().receive(`$${contents.length}\r\n${contents.slice(0, 50)}`);
    expect(state()).toBe('sync');
    expect(lone.info('master_sync_read_bytes')).toBe('50');
    expect(lone.info('master_sync_left_bytes')).toBe(String(contents.length - 50));
    link().receive(contents.slice(50));
    lone.advance(100);
    expect(state()).toBe('connected');
    expect(lone.info('master_sync_read_bytes')).toBeUndefined();
  });

  it('goes on behind a transaction that is discarded', () => {
    const { lone, link } = replica();
    sendSnapshot(link());
    const commands = [['MULTI'], ['SET', 'k', '1'], ['DISCARD'], ['SET', 'k', '2']];
    const stream = commands.map((words) => request(...words));
    link().receive(stream[0] + stream[1]);
    expect(lone.info('slave_repl_offset')).toBe('100');
    link().receive(stream[2] + stream[3]);
    expect(lone.info('slave_repl_offset')).toBe(String(100 + stream.join('').length));
    expect(lone.send('GET', 'k')).toBe('$1\r\n2\r\n');
  });

  it('of a master that sends nonsense forgets its history', () => {
    for (const [nonsense, told] of [
      ['SET a b\r\n', '# WARNING: Receiving inline protocol from master, master stream corruption?'],
      ['*1\r\n$x\r\n', '# Protocol error (invalid bulk length) from master.'],
    ]) {
      const { lone, link, introduce } = replica();
      sendSnapshot(link());
      link().receive(nonsense);
      expect(lone.lines.some((line) => line.startsWith(told))).toBe(true);
      lone.advance(1000);
      introduce();
      expect(link().output).toContain(request('PSYNC', '?', '-1'));
    }
  });

  it('of a master that is busy asks again, and does not take it for one that knows no offsets', () => {
    const { lone, link, introduce } = replica();
    link().receive('-BUSY Redis is busy running a script.\r\n');
    expect(link().closed).toBe(true);
    expect(link().output).not.toContain('$4\r\nSYNC');
    lone.advance(1000);
    introduce();
    sendSnapshot(link());
    lone.advance(1000);
    expect(link().output).toContain(request('REPLCONF', 'ACK', '100'));
  });

  it('of a master that knows no offsets has a history of its own', () => {
    const { lone, link } = replica();
    const id = lone.info('master_replid');
    link().receive("-ERR unknown command 'PSYNC'\r\n");
    const contents = snapshotOf();
    link().receive(`$${contents.length}\r\n${contents}`);
    lone.advance(10);
    expect(lone.info('master_link_status')).toBe('up');
    expect(lone.info('master_replid')).not.toBe(id);
    lone.advance(10_000);
    expect(link().output).not.toContain('ACK');
  });

  it('says in the log what becomes of its connection and its history', () => {
    const { lone, link, introduce } = replica();
    sendSnapshot(link());
    lone.lines.length = 0;
    link().disconnect();
    introduce();
    link().disconnect();
    lone.advance(1000);
    introduce();
    link().receive(`+FULLRESYNC ${ID} 100\r\n`);
    link().disconnect();
    lone.send('REPLICAOF', 'NO', 'ONE');
    const told = lone.lines.filter((line) => !/PING|REPLCONF|PSYNC|partial|fired/.test(line));
    expect(told.map((line) => line.replace(/[0-9a-f]{40}/g, 'ID').replace(/ from .*/, ''))).toEqual([
      '# Connection with master lost.',
      '* Caching the disconnected master state.',
      '* Reconnecting to MASTER 127.0.0.1:7000',
      '* MASTER <-> REPLICA sync started',
      '# Failed to read response',
      '* Connecting to MASTER 127.0.0.1:7000',
      '* MASTER <-> REPLICA sync started',
      '* Full resync',
      '# I/O error reading bulk count',
      '* Discarding previously cached master state.',
      '# Setting secondary replication ID to ID, valid up to offset: 101. New replication ID is ID',
      '* MASTER MODE enabled (user request',
    ]);
  });
});

describe('INFO and CONFIG RESETSTAT', () => {
  it('count synchronisations and the bytes they took', () => {
    const { lone, attach } = master();
    attach();
    lone.advance(10);
    expect(lone.info('sync_full')).toBe('1');
    expect(Number(lone.info('total_net_repl_output_bytes'))).toBeGreaterThan(100);
    lone.send('CONFIG', 'RESETSTAT');
    expect(lone.info('sync_full')).toBe('0');
    expect(lone.info('total_net_repl_output_bytes')).toBe('0');
    expect(lone.info('connected_clients')).toBe('1');
    expect(lone.info('connected_slaves')).toBe('1');
  });
});

describe('WAIT', () => {
  it('waits for all that a transaction has written', () => {
    const { lone, replica, attach } = master();
    attach();
    lone.advance(10);
    const before = lone.info('master_repl_offset')!;
    const writer = connect(lone);
    for (const line of ['MULTI', 'INCR k', 'EXEC']) writer.send(...line.split(' '));
    replica.send('REPLCONF', 'ACK', before);
    expect(writer.send('WAIT', '1', '100')).toBe('');
    replica.send('REPLCONF', 'ACK', lone.info('master_repl_offset')!);
    expect(writer.output).toBe(':1\r\n');
  });
});

describe('a failover', () => {
  it('waits for replicas while the stream stays as it is: WAIT adds nothing to it', () => {
    const { lone, replica, attach } = master();
    attach();
    lone.advance(10);
    replica.send('REPLCONF', 'ACK', '0');
    const writer = connect(lone);
    writer.send('SET', 'k', '1');
    expect(lone.send('FAILOVER')).toBe('+OK\r\n');
    const offset = lone.info('master_repl_offset');
    expect(writer.send('WAIT', '1', '100')).toBe('');
    lone.advance(10);
    expect(lone.info('master_repl_offset')).toBe(offset);
    expect(lone.info('master_failover_state')).toBe('waiting-for-sync');
  });
});

describe('a replica without its master that may not serve old data', () => {
  it('runs only scripts that say so, and in them only commands that may be run', () => {
    const lone = new LoneNode({ replicaof: '127.0.0.1 7000', 'replica-serve-stale-data': 'no' });
    const down = "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n";
    expect(lone.send('GET', 'x')).toBe(down);
    expect(lone.send('EVAL', 'return 1', '0')).toBe(down);
    expect(lone.send('EVAL', '#!lua flags=no-writes\nreturn 1', '0')).toMatch(/^-MASTERDOWN /);
    const script = (body: string) =>
      lone.send('EVAL', `#!lua flags=allow-stale,no-writes\nreturn ${body}`, '0');
    expect(script('1')).toBe(':1\r\n');
    expect(script("redis.call('ECHO', 'heard')")).toBe('$5\r\nheard\r\n');
    expect(script("redis.call('GET', 'x')")).toMatch(/^-ERR Can not execute the command on a stale replica/);
  });
});

/** A script that stands still in the debugger in front of its second line. */
function standingScript(lone: LoneNode, ...lines: string[]) {
  const user = connect(lone);
  user.send('SCRIPT', 'DEBUG', 'SYNC');
  user.send('EVAL', lines.join('\n'), '0');
  user.send('next');
  return { finish: () => user.send('continue') };
}

describe('while a script stands still', () => {
  it('no snapshot begins, for a replica or for the dump', () => {
    const directives = { 'repl-diskless-sync-delay': '1', save: '1 1' };
    const { lone, replica, attach, disk } = master(directives);
    attach();
    lone.send('SET', 'other', '1');
    const { finish } = standingScript(lone, "redis.call('incr', 'n')", "redis.call('incr', 'n')");
    lone.advance(3000);
    expect(replica.output).not.toContain('FULLRESYNC');
    expect(disk.read('dump.rdb')).toBeUndefined();
    finish();
    lone.advance(3000);
    expect(replica.output).toContain('+FULLRESYNC');
    expect(replica.output).not.toContain('incr');
    expect(disk.read('dump.rdb')).toBeDefined();
  });

  it('a replica leaves the stream alone, and goes on with it behind the script', () => {
    const { lone, link } = replica();
    sendSnapshot(link());
    link().receive(request('SET', 'k', 'old'));
    const { finish } = standingScript(
      lone,
      "local k = redis.call('get', 'k')",
      "return k .. redis.call('get', 'k')",
    );
    link().receive(request('SET', 'k', 'new'));
    expect(finish()).toContain('oldold');
    lone.advance(1);
    expect(lone.send('GET', 'k')).toBe('$3\r\nnew\r\n');
  });

  it('a replica does not load the snapshot that has arrived, and tells its master that it is alive', () => {
    const { lone, link } = replica({ 'replica-read-only': 'no' });
    lone.send('SET', 'k', 'mine');
    const { finish } = standingScript(
      lone,
      "local k = redis.call('get', 'k')",
      "return k .. redis.call('get', 'k')",
    );
    sendSnapshot(link());
    lone.advance(90_000);
    expect(link().output.endsWith('\n\n')).toBe(true);
    expect(finish()).toContain('minemine');
    lone.advance(10);
    expect(lone.send('GET', 'k')).toBe('$-1\r\n');
    expect(lone.info('master_link_status')).toBe('up');
  });
});
