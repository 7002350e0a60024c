/** FAILOVER over links in memory: handing over without a lost write, and every way in which it comes to nothing. */
import { describe, expect, it } from 'vitest';
import { type TestRandom, testSeed, withSeed } from '../../test/support/random.js';
import { type Peer, SmallNetwork } from '../../test/support/small-network.js';

const FILE = 'src/replication/coordinated-failover.test.ts';
const ANY = { timeout: 0, force: false };

/** A master and its two replicas. */
function trio(seed: number, run: (net: SmallNetwork, peers: [Peer, Peer, Peer]) => void): void {
  withSeed(testSeed(seed), FILE, (random: TestRandom) => {
    const net = new SmallNetwork(random);
    const peers: [Peer, Peer, Peer] = [net.add(1), net.add(2), net.add(3)];
    const [a, b, c] = peers;
    b.follow(a, false);
    c.follow(a, false);
    net.run(50);
    for (let i = 0; i < 100; i++) a.node.run('SET', `k${i}`, random.text(20));
    run(net, peers);
  });
}

const to = ({ port }: Peer) => ({ host: '127.0.0.1', port });

describe('FAILOVER', () => {
  it('makes the replica master once it has everything, with partial synchronisations only', () => {
    trio(61, (net, [a, b, c]) => {
      expect(a.failover.begin({ ...ANY, target: to(b) })).toBeUndefined();
      expect(a.failover.state).toBe('waiting-for-sync');
      expect(a.paused).toBe(true);
      net.run(100);
      expect([a.link.state, b.link.state]).toEqual(['connected', 'off']);
      expect(a.failover.state).toBe('no-failover');
      expect(a.paused).toBe(false);
      c.follow(b);
      b.node.run('SET', 'after', '1');
      net.run(100);
      for (const replica of [a, c]) expect(replica.node.dump()).toEqual(b.node.dump());
      expect(b.node.dump()).toHaveProperty('0/k99');
      expect([a.loads, b.loads, c.loads]).toEqual([0, 1, 1]);
    });
  });

  it('takes whichever replica catches up first', () => {
    trio(62, (net, [a, b, c]) => {
      c.isDown = true;
      net.cut(c);
      expect(a.failover.begin(ANY)).toBeUndefined();
      net.run(100);
      expect(b.link.state).toBe('off');
      expect(a.link.port).toBe(2);
    });
  });

  it('comes to nothing when the replica does not catch up in time, or is aborted', () => {
    trio(63, (net, [a, b]) => {
      b.isDown = true;
      for (const link of net.links) link.stuck = true;
      a.failover.begin({ target: to(b), timeout: 500, force: false });
      net.run(400);
      expect(a.failover.state).toBe('waiting-for-sync');
      net.run(200);
      expect(a.log).toContain('FAILOVER to 127.0.0.1:2 aborted: Replica never caught up before timeout');
      expect([a.failover.state, a.paused, a.link.state]).toEqual(['no-failover', false, 'off']);
      a.failover.begin({ ...ANY, target: to(b) });
      expect(a.failover.abort()).toBeUndefined();
      expect([a.failover.state, a.paused]).toEqual(['no-failover', false]);
      expect(a.failover.abort()).toBe('ERR No failover in progress.');
    });
  });

  it('goes ahead without the last writes when forced', () => {
    trio(64, (net, [a, b]) => {
      for (const link of net.links) link.stuck = true;
      b.isDown = true;
      a.failover.begin({ target: to(b), timeout: 500, force: true });
      net.run(510);
      expect(a.failover.state).toBe('failover-in-progress');
      b.isDown = false;
      net.run(2000);
      expect([a.link.state, b.link.state]).toEqual(['connected', 'off']);
    });
  });

  it('leaves the node the master it was when the replica refuses', () => {
    trio(65, (net, [a, b, c]) => {
      b.refusesPromotion = true;
      a.failover.begin({ ...ANY, target: to(b) });
      net.run(100);
      expect(a.log).toContain('FAILOVER to 127.0.0.1:2 aborted: Failover target rejected psync request');
      expect([a.link.state, a.paused]).toEqual(['off', false]);
      net.run(2000);
      for (const replica of [b, c]) expect(replica.node.dump()).toEqual(a.node.dump());
    });
  });

  it('says what is wrong with an order', () => {
    trio(66, (net, [a, b]) => {
      const lone = net.add(4);
      expect(lone.failover.begin(ANY)).toBe('ERR FAILOVER requires connected replicas.');
      expect(b.failover.begin(ANY)).toBe('ERR FAILOVER is not valid when server is a replica.');
      expect(a.failover.begin({ ...ANY, target: { host: '127.0.0.1', port: 9 } })).toBe(
        'ERR FAILOVER target HOST and PORT is not a replica.',
      );
      expect(a.failover.begin({ ...ANY, target: to(b), force: true })).toBe(
        'ERR FAILOVER with force option requires both a timeout and target HOST and IP.',
      );
      a.failover.begin(ANY);
      expect(a.failover.begin(ANY)).toBe('ERR FAILOVER already in progress.');
    });
  });
});
