import { describe, expect, it } from 'vitest';
import { NodeFlag } from '../protocol/bus-frame.js';
import { type CorruptConfigError, parseNodesConf } from './nodes-conf.js';

const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(40));

const file = `${a} 127.0.0.1:7000@17000 myself,master - 0 0 3 connected 0-5460 9000 [93-<-${b}] [5->-${b}]
${b} 127.0.0.1:7001@17001,host.example master,fail? - 1669222222000 1669222220000 2 connected 5461-8999
${c} 127.0.0.1:7002@17002 slave ${b} 0 1669222220000 2 disconnected
vars currentEpoch 3 lastVoteEpoch 2
`;

describe('nodes.conf', () => {
  it('is read as Redis writes it', () => {
    const conf = parseNodesConf(file);
    expect(conf).toMatchObject({ currentEpoch: 3, lastVoteEpoch: 2, unknownVariables: [] });
    expect(conf.nodes[0]).toEqual({
      id: a,
      ip: '127.0.0.1',
      port: 7000,
      busPort: 17000,
      hostname: '',
      shardId: '',
      flags: NodeFlag.MYSELF | NodeFlag.MASTER,
      masterId: '',
      pingSent: false,
      pongReceived: false,
      configEpoch: 3,
      ranges: [
        { first: 0, last: 5460 },
        { first: 9000, last: 9000 },
      ],
      migrating: [{ slot: 5, nodeId: b }],
      importing: [{ slot: 93, nodeId: b }],
    });
    expect(conf.nodes[1]).toMatchObject({ hostname: 'host.example', pingSent: true, pongReceived: true });
    expect(conf.nodes[1].flags).toBe(NodeFlag.MASTER | NodeFlag.PFAIL);
    expect(conf.nodes[2]).toMatchObject({ masterId: b, flags: NodeFlag.REPLICA });
  });

  it('may have blank lines, padding, no bus port, an IPv6 address, and variables of later versions', () => {
    const line = `${a} ::1:7000 myself,master - 0 0 0 connected`;
    const conf = parseNodesConf(`\n${line}\n\n\nvars currentEpoch 1 somethingNew 5\r\n\n`);
    expect(conf.nodes[0]).toMatchObject({ ip: '::1', port: 7000, busPort: 17000 });
    expect(conf.unknownVariables).toEqual(['somethingNew']);
  });

  it('is read as Redis has written it since 7.2, with shard ids', () => {
    const [first, second] = ['', 'host.example'].map((hostname) => `${hostname},tls-port=0,shard-id=${c}`);
    const conf = parseNodesConf(
      file
        .replace('7000@17000', `7000@17000,${first}`)
        .replace('7001@17001,host.example', `7001@17001,${second}`),
    );
    expect(conf.nodes[0]).toMatchObject({ hostname: '', shardId: c });
    expect(conf.nodes[1]).toMatchObject({ hostname: 'host.example', shardId: c });
    expect(conf.nodes[2]).toMatchObject({ hostname: '', shardId: '' });
  });

  const self = `${a} :0@0 myself,master - 0 0 0 connected`;
  it.each([
    ['without this node', file.replace('myself,', ''), 0],
    ['with two of this node', `${self}\n${self.replace(a, b)}`, 0],
    ['with too few fields', `${a} 127.0.0.1:7000@17000 myself,master - 0 0 0`, 1],
    ['with a wrong node id', self.replace(a, 'A'.repeat(40)), 1],
    ['with a wrong master id', self.replace(' - ', ' nobody '), 1],
    ['without a port', self.replace(':0@0', 'localhost'), 1],
    ['with an unknown flag', self.replace('master', 'leader'), 1],
    ['with a slot beyond the last', `${self} 16384`, 1],
    ['with a range beyond the last', `${self}\n${self} 0-16384`, 2],
    ['with a half-written open slot', `${self} [5->-${b.slice(1)}]`, 1],
    ['with a word that is no slot', `${self} x`, 1],
    ['with a negative epoch', self.replace('0 0 0', '0 0 -1'), 1],
    ['with a variable without a value', `${self}\nvars currentEpoch`, 2],
  ])('is refused %s', (_, text, line) => {
    expect(() => parseNodesConf(text)).toThrow('Unrecoverable error: corrupted cluster config file.');
    try {
      parseNodesConf(text);
    } catch (error) {
      expect((error as CorruptConfigError).line).toBe(line);
    }
  });
});
