/** Masters and replicas over links in memory: full and partial synchronisation, chains, promotions, broken links. */
import { describe, expect, it } from 'vitest';
import { type TestRandom, testSeed, withSeed } from '../../test/support/random.js';
import { type Peer, SmallNetwork } from '../../test/support/small-network.js';
import { RdbError } from '../persistence/rdb/format.js';
import { encodeRequest } from '../protocol/request-parser.js';

const FILE = 'src/replication/replication.test.ts';

function network(seed: number, run: (net: SmallNetwork, random: TestRandom) => void): void {
  withSeed(testSeed(seed), FILE, (random) => run(new SmallNetwork(random), random));
}

function write(peer: Peer, random: TestRandom, count: number): void {
  for (let i = 0; i < count; i++) {
    peer.node.database = random.below(3);
    const key = `k${random.below(500)}`;
    if (random.below(5) === 0) peer.node.run('DEL', key);
    else if (random.below(10) === 0) {
      peer.node.emit('MULTI');
      peer.node.run('APPEND', key, 'x');
      peer.node.run('INCR', 'counter');
      peer.node.emit('EXEC');
    } else peer.node.run('SET', key, random.text(80));
  }
}

function expectSame(a: Peer, b: Peer): void {
  expect(b.node.dump()).toEqual(a.node.dump());
  expect(b.master.history.id).toBe(a.master.history.id);
  expect(b.master.history.offset).toBe(a.master.history.offset);
}

/** A master that is down, and its replica, which has missed more than the backlog holds. */
function tooFarApart(net: SmallNetwork, random: TestRandom): [master: Peer, replica: Peer] {
  const [a, b] = [net.add(1, { backlogSize: 16 * 1024 }), net.add(2)];
  b.follow(a, false);
  net.run(50);
  a.isDown = true;
  net.cut(b);
  write(a, random, 2000);
  net.run(20);
  return [a, b];
}

describe('replication', () => {
  it('brings a replica up to date and keeps it so', () => {
    network(41, (net, random) => {
      const [a, b] = [net.add(1), net.add(2)];
      write(a, random, 3000);
      b.follow(a, false);
      net.run(10);
      write(a, random, 500); // while the snapshot is under way
      net.run(100);
      expect(b.link.up).toBe(true);
      expectSame(a, b);
      write(a, random, 500);
      net.settle();
      expectSame(a, b);
      net.run(9500); // a ping and acknowledgements
      expectSame(a, b);
      const [view] = a.master.replicas.views;
      expect(view).toMatchObject({ port: 2, state: 'online', offset: a.master.history.offset, lag: 0 });
      expect(a.log).toContain('Replica 127.0.0.1:2 asks for synchronization');
      expect(a.log).toContain('Full resync requested by replica 127.0.0.1:2');
      expect(a.log).toContain('Synchronization with replica 127.0.0.1:2 succeeded');
      expect(b.log).toContain('MASTER <-> REPLICA sync: Finished with success');
    });
  });

  it('goes on where it was after a broken link', () => {
    network(42, (net, random) => {
      const [a, b] = [net.add(1), net.add(2)];
      b.follow(a, false);
      net.run(50);
      for (let round = 0; round < 30; round++) {
        write(a, random, 30);
        for (let i = random.below(3); i > 0; i--) {
          a.master.flush();
          for (const link of net.links) link.deliver(random); // part of it arrives
        }
        net.cut(b);
        write(a, random, 10);
        net.run(20);
        expectSame(a, b);
      }
      expect(b.loads).toBe(1);
      expect(a.master.served.partialSyncs).toBe(30);
      expect(b.log).toContain('MASTER <-> REPLICA sync: Master accepted a Partial Resynchronization.');
    });
  });

  it('synchronises in full when the backlog does not reach back far enough', () => {
    network(43, (net, random) => {
      const [a, b] = tooFarApart(net, random);
      a.isDown = false;
      net.run(1500);
      expectSame(a, b);
      expect(b.loads).toBe(2);
      expect(a.log.some((line) => line.includes('for lack of backlog'))).toBe(true);
    });
  });

  describe('loads a snapshot piece by piece', () => {
    /** A replica that has begun to load and has all of its master's stream behind the snapshot. */
    function loading(net: SmallNetwork, random: TestRandom): [master: Peer, replica: Peer] {
      const [a, b] = [net.add(1), net.add(2)];
      write(a, random, 3000);
      b.loadDelay = 20;
      b.follow(a, false);
      net.run(10);
      write(a, random, 500);
      for (let i = 0; i < 1000 && b.link.state !== 'loading'; i++) net.run(1);
      net.run(10);
      expect(b.link.state).toBe('loading');
      return [a, b];
    }

    it('and goes on with what has come behind it', () => {
      network(54, (net, random) => {
        const [a, b] = loading(net, random);
        write(a, random, 500);
        net.run(10_000);
        expect(b.link.up).toBe(true);
        expectSame(a, b);
      });
    });

    it('to its end when the connection is lost, and then asks to continue', () => {
      network(55, (net, random) => {
        const [a, b] = loading(net, random);
        net.cut(b);
        write(a, random, 500);
        net.run(10_000);
        expectSame(a, b);
        expect([a.master.served.fullSyncs, a.master.served.partialSyncs]).toEqual([1, 1]);
      });
    });

    it('and gives up when it is to follow another master', () => {
      network(56, (net, random) => {
        const [, b] = loading(net, random);
        const other = net.add(3);
        write(other, random, 10);
        b.loadDelay = undefined;
        b.follow(other);
        expect(b.node.dump()).toEqual({});
        net.run(100);
        expectSame(other, b);
      });
    });

    it('and has no stream for others to go on with meanwhile', () => {
      network(57, (net, random) => {
        const [a, b, c] = [net.add(1, { backlogSize: 16 * 1024 }), net.add(2), net.add(3)];
        b.follow(a, false);
        c.follow(b, false);
        net.run(50);
        net.cut(b);
        write(a, random, 2000);
        a.master.flush();
        b.loadDelay = 500;
        for (let i = 0; i < 5000 && b.link.state !== 'loading'; i++) net.run(1);
        expect(b.link.state).toBe('loading');
        net.run(100);
        expect(c.link.up).toBe(false);
        net.run(60_000);
        expectSame(a, c);
      });
    });
  });

  it('dials again soon when its master is not there yet, and then ever more seldom', () => {
    network(59, (net) => {
      const [a, b] = [net.add(1), net.add(2)];
      a.isDown = true;
      const dials = () => b.log.filter((line) => line.startsWith('Connecting to MASTER')).length;
      b.follow(a, false);
      net.run(400);
      expect(dials()).toBe(4); // at 0, 50, 150 and 350 ms
      net.run(9600);
      expect(dials()).toBeLessThan(18);
      a.isDown = false;
      net.run(1100);
      expect(b.link.up).toBe(true);
    });
  });

  it('lets the stream wait during a pause, and goes on behind it', () => {
    network(58, (net, random) => {
      const [a, b] = [net.add(1), net.add(2)];
      b.follow(a, false);
      net.run(50);
      write(a, random, 10);
      net.run(50);
      const { offset } = b.master.history;
      b.link.pauseStream(true);
      write(a, random, 100);
      net.run(50);
      expect(b.master.history.offset).toBe(offset);
      expect(b.link.receivedOffset).toBe(a.master.history.offset);
      b.link.pauseStream(false);
      write(a, random, 10); // comes before what was kept has been processed
      a.master.flush();
      net.settle();
      net.run(1);
      expectSame(a, b);
      b.link.pauseStream(true);
      write(a, random, 100);
      net.run(50);
      net.cut(b); // what waited comes again
      b.link.pauseStream(false);
      net.run(2000);
      expectSame(a, b);
    });
  });

  it('knows whether what arrives is a newer state of its own history', () => {
    network(51, (net, random) => {
      const a = net.add(1, { backlogSize: 16 * 1024 });
      const [b, c] = [net.add(2), net.add(3)];
      const transfer = (replica: Peer) => {
        for (let i = 0; i < 3000 && replica.link.state !== 'transfer'; i++) {
          net.time.advance(1);
          for (const link of [...net.links]) link.deliver(random);
        }
        expect(replica.link.state).toBe('transfer');
      };
      for (let i = 0; i < 3000; i++) a.node.run('SET', `key ${i}`, random.text(200));
      b.follow(a, false);
      transfer(b);
      expect(b.link.renewing).toBe(false);
      net.run(100);
      net.cut(b);
      for (let i = 0; i < 3000; i++) a.node.run('SET', `key ${i}`, random.text(200));
      a.master.flush();
      transfer(b);
      expect(b.link.renewing).toBe(true);
      net.run(100);
      expect(b.link.renewing).toBe(false);
      c.follow(b, false);
      net.run(100);
      expectSame(a, c);
    });
  });

  it('serves replicas of replicas the same stream, and a promotion needs no full synchronisation', () => {
    network(44, (net, random) => {
      const [a, b, c, d] = [1, 2, 3, 4].map((port) => net.add(port)) as [Peer, Peer, Peer, Peer];
      b.follow(a, false);
      d.follow(a, false);
      net.run(50);
      c.follow(b, false);
      net.run(50);
      write(a, random, 500);
      net.settle();
      for (const replica of [b, c, d]) expectSame(a, replica);
      expect(c.master.history.offset).toBeGreaterThan(0);
      a.isDown = true;
      net.cut(a);
      b.promote();
      d.follow(b);
      write(b, random, 300);
      net.run(2500);
      for (const replica of [c, d]) expectSame(b, replica);
      a.isDown = false;
      a.follow(b);
      net.run(100);
      expectSame(b, a);
      write(b, random, 300);
      net.settle();
      for (const replica of [a, c, d]) expectSame(b, replica);
      expect([a.loads, b.loads, c.loads, d.loads]).toEqual([0, 1, 1, 1]);
    });
  });

  it('does not let a master with writes of its own go on as if it had none', () => {
    network(45, (net, random) => {
      const [a, b] = [net.add(1), net.add(2)];
      b.follow(a, false);
      net.run(50);
      write(a, random, 100);
      net.settle();
      net.cut(b);
      write(a, random, 50); // b never hears of these
      b.promote();
      write(b, random, 10);
      a.follow(b);
      net.run(100);
      expectSame(b, a);
      expect(a.loads).toBe(1);
    });
  });

  it("knows that its data isn't what it was once a snapshot could not be loaded", () => {
    network(50, (net, random) => {
      const [a, b] = tooFarApart(net, random);
      expect(b.link.downSince).toBeGreaterThan(0);
      b.node.clear = () => {
        throw new RdbError('Wrong signature');
      };
      a.isDown = false;
      net.run(1500);
      expect(b.log).toContain('Wrong signature');
      expect([b.link.up, b.link.downSince]).toEqual([false, -1]);
    });
  });

  it('leaves the old data alone while a snapshot breaks off', () => {
    network(46, (net, random) => {
      const [a, b] = [net.add(1), net.add(2)];
      for (let i = 0; i < 3000; i++) a.node.run('SET', `key ${i}`, random.text(200));
      b.node.run('SET', 'mine', 'old');
      b.follow(a, false);
      for (let i = 0; i < 100 && b.link.state !== 'transfer'; i++) {
        net.time.advance(1);
        for (const link of [...net.links]) link.deliver(random);
      }
      expect(b.link.state).toBe('transfer');
      net.cut(b);
      expect(b.node.dump()).toEqual({ '0/mine': 'old@-1' });
      net.run(100);
      expectSame(a, b);
    });
  });

  it('counts acknowledgements for WAIT when it asks for them', () => {
    network(47, (net, random) => {
      const [a, b, c] = [net.add(1), net.add(2), net.add(3)];
      b.follow(a, false);
      c.follow(a, false);
      net.run(50);
      write(a, random, 10);
      const { offset } = a.master.history;
      expect(a.master.replicas.acknowledgedBy(offset)).toBe(0);
      for (let waiting = 0; waiting < 3; waiting++) a.master.requestAcknowledgements();
      net.settle();
      expect(a.master.replicas.acknowledgedBy(offset)).toBe(2);
      const getAck = encodeRequest(['REPLCONF', 'GETACK', '*']);
      expect(a.master.history.offset).toBe(offset + getAck.length);
      expect(a.master.replicas.heardWithin(0)).toBe(2);
      a.master.requestAcknowledgements();
      const before = a.master.history.offset;
      a.follow(b);
      a.master.flush();
      expect(a.master.history.offset).toBe(before);
      a.promote();
      net.run(1000);
      expectSame(a, b);
    });
  });

  it('drops a replica that is silent, or takes too little', () => {
    network(48, (net, random) => {
      const a = net.add(1, { hardLimit: 100_000, backlogSize: 16 * 1024 });
      const b = net.add(2);
      b.follow(a, false);
      net.run(50);
      for (const link of net.links) link.stuck = true;
      write(a, random, 3000);
      a.master.flush();
      expect(a.master.replicas.count).toBe(0);
      expect(a.log.some((line) => line.includes('overcoming of output buffer limits'))).toBe(true);
      net.run(1500);
      expectSame(a, b);
      write(a, random, 1);
      net.settle(); // b hears of its master later than the master of it
      for (const link of net.links) link.stuck = true;
      net.time.advance(61_500);
      expect(a.log).toContain('Disconnecting timedout replica (streaming sync): 127.0.0.1:2');
      expect(
        b.log.some((line) => line.startsWith('MASTER timeout') || line.startsWith('Connection with')),
      ).toBe(true);
      net.run(3000);
      expectSame(a, b);
    });
  });

  it('gives the backlog up after a time without replicas', () => {
    network(49, (net, random) => {
      const a = net.add(1, { backlogTtl: 10 });
      const b = net.add(2);
      b.follow(a, false);
      net.run(50);
      const { id } = a.master.history;
      b.link.stop();
      net.run(12_000);
      expect(a.master.active).toBe(false);
      expect(a.master.history.id).not.toBe(id);
      write(a, random, 5);
      b.follow(a);
      net.run(100);
      expectSame(a, b);
      expect(b.loads).toBe(2);
    });
  });

  it('refuses to synchronise others while it has lost its own master', () => {
    network(50, (net) => {
      const [a, b, c] = [net.add(1), net.add(2), net.add(3)];
      a.isDown = true;
      b.follow(a, false);
      net.run(20);
      c.follow(b, false);
      net.run(50);
      expect(c.log.some((line) => line.includes("NOMASTERLINK Can't SYNC while not connected"))).toBe(true);
      a.isDown = false;
      net.run(3000);
      expect([b.link.up, c.link.up]).toEqual([true, true]);
    });
  });
});
