/** A redis-server that follows Hexis, and Hexis that follows a redis-server, over TCP. */
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TcpLink } from '../../src/io/tcp-link.js';
import type { Link, LinkHandler } from '../../src/node/host.js';
import { eventually } from '../support/eventually.js';
import { PlainRedis, temporaryFolder } from '../support/plain-redis.js';
import { TestRandom } from '../support/random.js';
import { hasRedisServer } from '../support/redis-process.js';
import { MASTER_SETTINGS, Peer, type World } from '../support/small-network.js';

const OURS = 27_201;
const THEIRS = 27_202;

/** Real time and TCP. */
class TcpWorld implements World {
  readonly random = new TestRandom(7);
  readonly links = new Set<TcpLink>();
  private readonly timers = new Set<NodeJS.Timeout>();
  readonly time = {
    get now() {
      return performance.now();
    },
    schedule: (milliseconds: number, action: () => void) => {
      const timer = setTimeout(() => {
        this.timers.delete(timer);
        action();
        this.peer?.master.flush();
      }, milliseconds);
      this.timers.add(timer);
      return () => {
        clearTimeout(timer);
        this.timers.delete(timer);
      };
    },
  };
  peer: Peer | undefined;
  private server: Server | undefined;
  private connections = 0;

  dial(_from: Peer, port: number, handler: LinkHandler): Link {
    return TcpLink.dial({ host: '127.0.0.1', port, localAddress: '' }, this.links, this.flushing(handler));
  }

  async listen(peer: Peer): Promise<void> {
    this.peer = peer;
    this.server = createServer({ pauseOnConnect: true }, (socket) => {
      TcpLink.accept(socket, this.links, (link) => this.flushing(peer.accept(this.connections++, link)));
    });
    this.server.listen(peer.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  /** Every event ends a turn. */
  private flushing(handler: LinkHandler): LinkHandler {
    return {
      connected: () => handler.connected?.(),
      closed: (reason) => handler.closed(reason),
      received: (bytes, start, end) => {
        handler.received(bytes, start, end);
        this.peer?.master.flush();
      },
    };
  }

  stop(): void {
    for (const timer of this.timers) clearTimeout(timer);
    for (const link of this.links) link.destroy();
    this.server?.close();
  }
}

describe.skipIf(!hasRedisServer())('replication and redis-server', () => {
  let folder: string;
  let redis: PlainRedis;
  let world: TcpWorld;
  let peer: Peer;

  beforeEach(async () => {
    folder = temporaryFolder();
    redis = new PlainRedis(THEIRS, folder, [
      '--repl-diskless-sync-delay',
      '0',
      '--enable-debug-command',
      'yes',
    ]);
    world = new TcpWorld();
    peer = new Peer(world, OURS, { ...MASTER_SETTINGS, pingPeriod: 1 });
    await world.listen(peer);
    await redis.ready();
  });

  afterEach(async () => {
    world.stop();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const write = (count: number, name: string) => {
    for (let i = 0; i < count; i++) {
      peer.node.run('SET', `${name}${i}`, world.random.text(200));
      if (i % 3 === 0) peer.node.run('PEXPIREAT', `${name}${i}`, '4000000000000');
    }
    peer.master.flush();
  };
  const infoField = async (field: string) =>
    new RegExp(`^${field}:(.*?)\\r?$`, 'm').exec(await redis.cli('INFO', 'replication'))?.[1];

  it('redis-server follows, breaks off and goes on where it was', async () => {
    write(5000, 'before');
    await redis.cli('REPLICAOF', '127.0.0.1', `${OURS}`);
    await eventually(async () => (await infoField('master_link_status')) === 'up');
    write(500, 'after');
    const level = async () =>
      (await infoField('slave_repl_offset')) === String(peer.master.history.offset) &&
      peer.master.replicas.views[0]?.offset === peer.master.history.offset;
    await eventually(level);
    expect(await redis.dump()).toEqual(peer.node.dump());
    expect(await infoField('master_replid')).toBe(peer.master.history.id);

    await redis.cli('CLIENT', 'KILL', 'TYPE', 'master');
    write(100, 'meanwhile');
    await eventually(() => peer.master.served.partialSyncs === 1);
    await eventually(level);
    expect(await redis.dump()).toEqual(peer.node.dump());
    expect(peer.master.served.fullSyncs).toBe(1);
  });

  it.each([
    'yes',
    'no',
  ])('follows redis-server (diskless: %s), goes on, and is followed back after a promotion', async (diskless) => {
    await redis.cli('CONFIG', 'SET', 'repl-diskless-sync', diskless);
    await redis.cli('DEBUG', 'POPULATE', '3000', 'key', '120');
    await redis.cli('-n', '2', 'SET', 'timed', 'v', 'PX', '100000000');
    peer.follow({ port: THEIRS } as Peer, false);
    await eventually(() => peer.link.up);
    for (let i = 0; i < 20; i++) await redis.cli('SET', `n${i}`, `v${i}`);
    const level = async () => (await infoField('master_repl_offset')) === String(peer.master.history.offset);
    await eventually(level);
    const theirs = async () => ({ ...(await redis.dump()), ...(await redis.dump(2)) });
    expect(peer.node.dump()).toEqual(Object.fromEntries(Object.entries(await theirs()).sort()));
    expect(await infoField('slave0')).toContain(`port=${OURS},state=online`);

    await redis.cli('CLIENT', 'KILL', 'TYPE', 'replica');
    await redis.cli('EVAL', "redis.call('SET', 'x', 1) redis.call('INCR', 'x')", '0');
    await eventually(async () => peer.link.up && (await level()) && peer.loads === 1);
    expect(peer.node.dump()['0/x']).toBe('2@-1');

    peer.promote();
    peer.node.database = 0;
    await redis.cli('REPLICAOF', '127.0.0.1', `${OURS}`);
    await eventually(async () => (await infoField('master_link_status')) === 'up');
    write(50, 'promoted');
    await eventually(level);
    expect(await theirs()).toEqual(peer.node.dump());
    expect(peer.master.served.fullSyncs).toBe(0);
  });
});
