import { describe, expect, it } from 'vitest';
import type { Link } from '../../node/host.js';
import { fromLatin1, latin1, slice } from '../../protocol/bytes.js';
import { drawFaults } from './faults.js';
import type { Machine } from './machine.js';
import type { VirtualProcess } from './process.js';
import { RandomStream } from './random.js';
import { World } from './world.js';

const IDLE = { wake() {}, endOfTurn() {} };

/** Two machines: `server` keeps what it receives and sends it back, `client` keeps what it receives. */
class Pair {
  readonly server: Machine;
  readonly client: Machine;
  readonly toServer: string[] = [];
  readonly toClient: string[] = [];
  readonly events: string[] = [];
  process!: VirtualProcess;
  link!: Link;

  constructor(readonly world: World) {
    this.server = world.addMachine('server', '10.0.0.1');
    this.client = world.addMachine('client', '10.0.0.2');
    this.server.run((process) => {
      process.listen(7000, (link) => ({
        received: (bytes, start, end) => {
          this.toServer.push(latin1(bytes, start, end));
          link.write(slice(bytes, start, end), 0, end - start);
        },
        closed: (reason) => this.events.push(`server: ${reason}`),
      }));
      return IDLE;
    });
    this.client.run((process) => {
      this.process = process;
      return IDLE;
    });
    world.advance(1);
  }

  dial(port = 7000): void {
    this.link = this.process.dial('10.0.0.1', port, {
      connected: () => this.events.push('connected'),
      received: (bytes, start, end) => this.toClient.push(latin1(bytes, start, end)),
      closed: (reason) => this.events.push(`client: ${reason}`),
    });
  }

  say(text: string): void {
    this.link.write(fromLatin1(text), 0, text.length);
  }
}

function pair(seed = 1): Pair {
  return new Pair(new World({ seed }));
}

/** A world whose network does the worst it can, short of breaking connections. */
function rough(seed: number): Pair {
  const faults = { ...drawFaults(new RandomStream(seed, 'test')), linkLife: Number.POSITIVE_INFINITY };
  return new Pair(new World({ seed, faults: { ...faults, fragmentation: 0.9, refusedDials: 0 } }));
}

describe('a virtual connection', () => {
  it('carries bytes in order, both ways, however it cuts them', () => {
    const text = 'abcdefghijklmnopqrstuvwxyz'.repeat(40);
    let pieces = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const p = rough(seed);
      p.dial();
      for (let i = 0; i < text.length; i += 13) p.say(text.slice(i, i + 13));
      p.world.advance(60_000);
      expect(p.toServer.join('')).toBe(text);
      expect(p.toClient.join('')).toBe(text);
      pieces += p.toServer.length;
    }
    expect(pieces).toBeGreaterThan(20 * 5);
  });

  it('is refused when nobody listens, and times out when the machine has no power', () => {
    const p = pair();
    p.dial(7001);
    p.world.advance(10);
    expect(p.events).toEqual(['client: connect ECONNREFUSED 10.0.0.1:7001']);
    p.server.losePower();
    p.dial();
    p.world.advance(200_000);
    expect(p.events[1]).toBe('client: connect ETIMEDOUT 10.0.0.1:7000');
  });

  it('ends on both sides behind everything that was written', () => {
    const p = pair();
    p.dial();
    p.say('last words');
    p.link.close();
    p.world.advance(10);
    expect(p.toServer.join('')).toBe('last words');
    expect(p.events).toEqual(['connected', 'server: connection closed', 'client: connection closed']);
  });

  it('delivers after the cut what was sent during it', () => {
    const p = pair();
    p.dial();
    p.world.advance(10);
    p.world.network.cut(p.client, p.server);
    p.say('x');
    p.world.advance(60_000);
    expect(p.toServer).toEqual([]);
    p.world.network.heal();
    p.world.advance(10_000);
    expect(p.toServer).toEqual(['x']);
    expect(p.toClient).toEqual(['x']);
  });

  it('goes on in the other direction when one is cut', () => {
    const p = pair();
    p.dial();
    p.world.advance(10);
    p.world.network.cut(p.server, p.client);
    p.say('x');
    p.world.advance(60_000);
    expect(p.toServer).toEqual(['x']);
    expect(p.toClient).toEqual([]);
  });

  it('is reset by kill -9, and forgotten by a machine that lost its power', () => {
    const p = pair();
    p.dial();
    p.world.advance(10);
    p.server.kill();
    p.world.advance(10);
    expect(p.events).toEqual(['connected', 'client: read ECONNRESET']);

    const q = pair();
    q.dial();
    q.world.advance(10);
    q.server.losePower();
    q.say('anybody there?');
    q.world.advance(60_000);
    expect(q.events).toEqual(['connected']);
    q.server.run();
    q.world.advance(10_000);
    expect(q.events).toEqual(['connected', 'client: read ECONNRESET']);
  });

  it('holds bytes back while the reader pauses', () => {
    const p = pair();
    p.dial();
    p.world.advance(10);
    p.link.pause();
    p.say('x');
    p.world.advance(1000);
    expect([p.toServer, p.toClient]).toEqual([['x'], []]);
    p.link.resume();
    p.world.advance(10);
    expect(p.toClient).toEqual(['x']);
  });

  it('notices when a writer changes a buffer that it holds', () => {
    const world = new World({ seed: 1, faults: { ...drawFaults(new RandomStream(1, '')), heldWrites: 1 } });
    const p = new Pair(world);
    p.dial();
    const bytes = fromLatin1('mine');
    expect(p.link.write(bytes, 0, 4)).toBe(false);
    bytes[0] = 0;
    expect(() => world.advance(60_000)).toThrow('while a link held them');
  });
});

describe('a virtual process', () => {
  it('handles nothing while it is frozen or sleeps, and everything afterwards', () => {
    const p = pair();
    p.dial();
    p.world.advance(10);
    p.server.process!.freeze();
    p.say('x');
    p.world.advance(1000);
    expect(p.toServer).toEqual([]);
    p.server.process!.thaw();
    p.world.advance(10);
    expect(p.toServer).toEqual(['x']);
  });

  it('sees its own sleep on its clocks, and acts behind it', () => {
    const world = new World({ seed: 1 });
    const woken: number[] = [];
    const machine = world.addMachine('a', '10.0.0.1');
    machine.run((process) => {
      const begun = process.monotonicClock();
      process.wakeAt(begun + 100);
      process.sleep(500);
      expect(process.monotonicClock()).toBe(begun + 500);
      return { wake: () => woken.push(Math.round(process.monotonicClock() - begun)), endOfTurn() {} };
    });
    world.advance(400);
    expect(woken).toEqual([]);
    world.advance(200);
    expect(woken).toEqual([500]);
  });

  it('ends a turn once, behind the events at hand', () => {
    const world = new World({ seed: 1 });
    const log: string[] = [];
    const machine = world.addMachine('a', '10.0.0.1');
    machine.run((process) => {
      process.wakeAtEndOfTurn();
      process.post(() => log.push('event'));
      return { wake() {}, endOfTurn: () => log.push('end of turn') };
    });
    machine.process!.post(() => log.push('another'));
    world.advance(10);
    expect(log).toEqual(['another', 'end of turn', 'event']);
  });

  it('hears nothing more when it has exited', () => {
    const p = pair();
    p.dial();
    p.world.advance(10);
    const { process } = p.server;
    process!.post(() => process!.exit(3));
    p.say('too late');
    p.world.advance(10);
    expect([p.server.running, process!.exitCode, p.toServer]).toEqual([false, 3, []]);
    expect(p.events).toEqual(['connected', 'client: read ECONNRESET']);
  });
});

describe('a virtual disk', () => {
  it('keeps what was synced through a power loss, and a prefix of the rest', () => {
    const lengths = new Set<number>();
    for (let seed = 1; seed <= 30; seed++) {
      const world = new World({ seed });
      const { disk } = world.addMachine('a', '10.0.0.1');
      disk.makeDirectory('data');
      const file = disk.append('data/log');
      file.write(fromLatin1('durable,'), 0, 8);
      file.syncNow();
      file.write(fromLatin1('written'), 0, 7);
      world.machines[0].losePower();
      const text = latin1(disk.read('data/log')!);
      expect(text.slice(0, 8)).toBe('durable,');
      expect('written'.startsWith(text.slice(8).replace(/\0+$/, ''))).toBe(true);
      lengths.add(text.length);
    }
    expect(lengths.size).toBeGreaterThan(4);
  });

  it('may undo a rename that nothing has committed, and never one that a sync did', () => {
    const names = new Set<string>();
    for (let seed = 1; seed <= 20; seed++) {
      for (const commit of [false, true]) {
        const world = new World({ seed });
        const { disk } = world.addMachine('a', '10.0.0.1');
        disk.replace('old', fromLatin1('x'));
        disk.rename('old', 'new');
        if (commit) disk.replace('other', fromLatin1('y'));
        world.machines[0].losePower();
        names.add(`${commit} ${disk.list('').filter((name) => name !== 'other')}`);
      }
    }
    expect([...names].sort()).toEqual(['false new', 'false old', 'true new']);
  });

  it('forgets nothing when only the process dies', () => {
    const world = new World({ seed: 1 });
    const machine = world.addMachine('a', '10.0.0.1');
    machine.disk.append('log').write(fromLatin1('written'), 0, 7);
    machine.kill();
    expect(latin1(machine.disk.read('log')!)).toBe('written');
  });

  it('calls back when a sync is done, unless the process has ended', () => {
    const world = new World({ seed: 1 });
    const machine = world.addMachine('a', '10.0.0.1');
    let done = 0;
    machine.run((process) => {
      process.disk.append('log').sync(() => done++);
      return IDLE;
    });
    world.advance(1000);
    expect(done).toBe(1);
    machine.run();
    world.advance(0.05);
    machine.kill();
    world.advance(1000);
    expect(done).toBe(1);
  });
});

describe('a world', () => {
  it('does the same from the same seed, and something else from another', () => {
    const run = (seed: number) => {
      const p = rough(seed);
      p.dial();
      for (let i = 0; i < 50; i++) p.say(`message ${i}`);
      p.world.advance(10_000);
      return p.world.hash;
    };
    expect(run(7)).toBe(run(7));
    expect(run(8)).not.toBe(run(7));
  });

  it('gives each machine clocks of its own', () => {
    const world = new World({ seed: 1, faults: { ...drawFaults(new RandomStream(1, '')), drift: 0.001 } });
    const [a, b] = ['a', 'b'].map((name, i) => world.addMachine(name, `10.0.0.${i}`).clock);
    const drift = (1e6 * (a.monotonic(1e6) - a.monotonic(0))) / (b.monotonic(1e6) - b.monotonic(0)) - 1e6;
    expect(Math.abs(drift)).toBeGreaterThan(1);
    expect(Math.abs(drift)).toBeLessThan(2001);
  });
});
