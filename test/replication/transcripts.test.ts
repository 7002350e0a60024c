/**
 * How a replica synchronises, word for word, between shipping nodes in a virtual world. A transcript that changes shows
 * in review what the change means on the wire; `vitest -u` accepts it.
 */
import { describe, expect, it } from 'vitest';
import { VirtualCluster, type VirtualNode } from '../../src/local/virtual-cluster.js';

/** What master and replica say to each other, but for the cluster bus. Identifiers get names in order of appearance. */
class Transcript {
  private readonly lines: string[] = [];
  private readonly names = new Map<string, string>();

  constructor(cluster: VirtualCluster, master: VirtualNode, replica: VirtualNode) {
    const actors = new Map([
      [master.machine.name, 'master '],
      [replica.machine.name, 'replica'],
    ]);
    cluster.world.onBytes = (from, to, bytes) => {
      const text = Buffer.from(bytes).toString('latin1');
      if (!actors.has(from) || !actors.has(to) || text.startsWith('RCmb')) return;
      this.lines.push(`${actors.get(from)}  ${this.render(text)}`.trimEnd());
    };
  }

  get text(): string {
    return `${this.lines.join('\n')}\n`;
  }

  private render(text: string): string {
    return text
      .replace(/REDIS0[\s\S]*?(?=[0-9a-f]{40}$|$)/, (rdb) => `<snapshot of ${rdb.length} bytes> `)
      .replace(/[0-9a-f]{40}/g, (id) => this.nameOf(id))
      .replace(/\*\d+\r\n/g, '| ')
      .replace(/\$\d+\r\n/g, '')
      .replace(/\r\n/g, ' ')
      .replace(/^\| /, '');
  }

  private nameOf(id: string): string {
    if (!this.names.has(id)) this.names.set(id, `<id ${this.names.size + 1}>`);
    return this.names.get(id)!;
  }
}

function pair(): { cluster: VirtualCluster; master: VirtualNode; replica: VirtualNode } {
  const cluster = new VirtualCluster({
    masters: 1,
    replicas: 1,
    config: { 'repl-ping-replica-period': 3600 },
  });
  const [master, replica] = cluster.nodes;
  return { cluster, master, replica };
}

const linked = ({ server }: VirtualNode) => server.replication.link.up;

describe('a replica', () => {
  it('synchronises in full, then follows the stream', async () => {
    const { cluster, master, replica } = pair();
    const transcript = new Transcript(cluster, master, replica);
    cluster.advanceUntil(() => linked(replica) && cluster.isReady());
    cluster.call(master, 'SET', 'hoge', 'fuga');
    cluster.call(master, 'INCR', 'counter');
    cluster.advance(100);
    await expect(transcript.text).toMatchFileSnapshot('transcripts/full-sync.txt');
  });

  it('goes on where it was after a broken connection', async () => {
    const { cluster, master, replica } = pair();
    cluster.advanceUntil(() => linked(replica) && cluster.isReady());
    cluster.call(master, 'SET', 'hoge', 'before');
    cluster.advance(100);
    cluster.cut(master, replica);
    cluster.call(master, 'SET', 'hoge', 'meanwhile');
    cluster.world.network.breakConnections(master.machine, replica.machine);
    const transcript = new Transcript(cluster, master, replica);
    cluster.heal();
    cluster.advance(1500);
    await expect(transcript.text).toMatchFileSnapshot('transcripts/partial-sync.txt');
  });

  it('is followed by its old master after a failover, without a snapshot', async () => {
    const { cluster, master, replica } = pair();
    cluster.advanceUntil(() => linked(replica) && cluster.isReady());
    cluster.call(master, 'SET', 'hoge', 'fuga');
    cluster.advance(100);
    const transcript = new Transcript(cluster, master, replica);
    cluster.call(replica, 'CLUSTER', 'FAILOVER');
    cluster.advanceUntil(() => linked(master));
    cluster.call(replica, 'SET', 'hoge', 'piyo');
    cluster.advance(100);
    await expect(transcript.text).toMatchFileSnapshot('transcripts/roles-change.txt');
  });
});
