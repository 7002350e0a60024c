/**
 * The network between the machines of a world, as TCP shows it to programs.
 *
 * A cut does not lose bytes, it delays them: TCP sends again, and what was under way arrives some time after the
 * network is whole again, unless a connection was given up or broken in the meantime. Cuts have a direction, so a
 * machine may be heard that hears nothing. A machine without power answers nothing at all; one without a listener
 * refuses.
 */
import type { Link, LinkHandler } from '../../node/host.js';
import { BufferPool } from './buffers.js';
import { VirtualLink } from './link.js';
import type { Machine } from './machine.js';
import type { VirtualProcess } from './process.js';
import type { RandomStream } from './random.js';
import type { World } from './world.js';

/** How long a system tries to connect to an address that doesn't answer, milliseconds. */
const DIAL_TIMEOUT = 127_000;
/** Until a lost packet is sent again, on average, milliseconds. */
const RETRANSMISSION = 200;
const FIRST_EPHEMERAL_PORT = 32_768;

export class Network {
  readonly buffers = new BufferPool();
  /** Connections waiting for somebody to become reachable. */
  private stalled = new Set<() => void>();
  private readonly machines = new Map<string, Machine>();
  /** How often the way `from>to`, by address, has been cut and not mended. */
  private readonly cuts = new Map<string, number>();
  private nextPort = FIRST_EPHEMERAL_PORT;

  constructor(
    readonly world: World,
    readonly random: RandomStream,
  ) {}

  attach(machine: Machine): void {
    if (this.machines.has(machine.address)) throw new Error(`two machines at ${machine.address}`);
    this.machines.set(machine.address, machine);
  }

  /** Cuts the way from one machine to another, that one direction only. */
  cut(from: Machine, to: Machine): void {
    const way = wayOf(from, to);
    this.cuts.set(way, (this.cuts.get(way) ?? 0) + 1);
    this.world.record('cut', from.name, to.name);
  }

  /** Takes one cut of a direction back; it is whole again when that was the last. */
  mend(from: Machine, to: Machine): void {
    const way = wayOf(from, to);
    const cuts = this.cuts.get(way) ?? 0;
    if (cuts > 1) this.cuts.set(way, cuts - 1);
    else this.cuts.delete(way);
    this.world.record('mend', from.name, to.name);
    this.reachabilityChanged();
  }

  /** Makes everything whole again. */
  heal(): void {
    this.cuts.clear();
    this.world.record('heal', '', '');
    this.reachabilityChanged();
  }

  /** Whether packets get from one machine to the other, which has power. */
  reaches(from: Machine, to: Machine): boolean {
    return to.powered && (this.cuts.size === 0 || !this.cuts.has(wayOf(from, to)));
  }

  /** Breaks every connection between two machines; both sides see it as a reset. */
  breakConnections(a: Machine, b: Machine): void {
    for (const link of [...(a.process?.links ?? [])]) if (link.other.process.machine === b) link.break();
  }

  dial(process: VirtualProcess, host: string, port: number, handler: LinkHandler): Link {
    const target = this.machines.get(host);
    const from = process.machine;
    const link = new VirtualLink(this, process, from.address, this.ephemeralPort(), host, port, handler);
    const deadline = this.world.now + DIAL_TIMEOUT;
    const attempt = () => {
      if (!link.isOpen || link.isEstablished) return;
      if (this.world.now >= deadline || !target) link.fail(`connect ETIMEDOUT ${host}:${port}`);
      else if (!this.reaches(from, target) || !this.reaches(target, from)) this.whenReachable(attempt);
      else this.connect(link, target, port);
    };
    if (target) this.world.after(this.delay(from), attempt);
    this.world.after(DIAL_TIMEOUT, attempt);
    return link;
  }

  /** Runs `retry` some time after something has become reachable. */
  whenReachable(retry: () => void): void {
    this.stalled.add(retry);
  }

  reachabilityChanged(): void {
    const { stalled } = this;
    this.stalled = new Set();
    for (const retry of stalled) this.world.after(this.random.exponential(RETRANSMISSION), retry);
  }

  /** How long a segment takes that this machine sends. */
  delay({ faults }: Machine): number {
    const { delay, spike } = faults;
    const late = this.random.chance(spike.probability) ? this.random.exponential(spike.mean) : 0;
    return delay.least + this.random.exponential(delay.mean) + late;
  }

  /** The SYN has arrived. */
  private connect(link: VirtualLink, target: Machine, port: number): void {
    const { machine } = link.process;
    const accept = target.running ? target.process!.listeners.get(port) : undefined;
    if (!accept || this.random.chance(machine.faults.refusedDials)) {
      this.world.after(this.delay(target), () => {
        link.fail(`connect ECONNREFUSED ${target.address}:${port}`);
      });
      return;
    }
    link.accepted(target.process!, accept);
    const life = this.random.exponential(machine.faults.linkLife);
    this.world.after(life, () => link.break());
  }

  private ephemeralPort(): number {
    if (this.nextPort > 60_999) this.nextPort = FIRST_EPHEMERAL_PORT;
    return this.nextPort++;
  }
}

function wayOf(from: Machine, to: Machine): string {
  return `${from.address}>${to.address}`;
}
