/**
 * The virtual world: any number of machines with clocks, disks and a network between them, in one thread, from one
 * seed. It implements `node/host.ts`, so what runs in it is the node that ships, not a model of it.
 *
 * Time is a queue of events; a minute passes as fast as its events can be handled, and when nothing happens it
 * passes at once. Whatever a real world decides by chance (delays, which thread runs first, where a stream of bytes
 * is cut) is drawn from seeded streams, one per concern. So a run is a function of its seed: `hash` is the proof,
 * and a failing seed is a failing test that can be run again.
 *
 *     schedule  random  trace      what happens when, by which chance, and the record of it
 *     machine  process             clocks, disk, one thread with an inbox; crash, pause, restart
 *     network  link  buffers       what travels, and where faults come from, at the rates in `faults`
 *     disk                         what survives
 *
 * The models are FoundationDB's simulation and TigerBeetle's VOPR. Cost: about a microsecond per event besides what
 * the nodes do themselves.
 */
import { CALM, type FaultRates } from './faults.js';
import { Machine } from './machine.js';
import { Network } from './network.js';
import { RandomStream } from './random.js';
import { Schedule } from './schedule.js';
import { Trace } from './trace.js';

export interface WorldOptions {
  /** Any integer; the same one gives the same world. */
  seed: number;
  /** Default `CALM`; see `drawFaults`. */
  faults?: FaultRates;
}

export class World {
  readonly seed: number;
  readonly faults: FaultRates;
  readonly network: Network;
  readonly machines: Machine[] = [];
  /** Sees all bytes that arrive anywhere, when set: for transcripts. */
  onBytes: ((from: string, to: string, bytes: Uint8Array) => void) | null = null;
  private readonly schedule = new Schedule();
  private readonly trace = new Trace();

  constructor(options: WorldOptions) {
    this.seed = options.seed;
    this.faults = options.faults ?? CALM;
    this.network = new Network(this, new RandomStream(this.seed, 'network'));
  }

  /** True time: milliseconds, with a fraction, since the world began. */
  get now(): number {
    return this.schedule.now;
  }

  /** A hash of everything that has happened so far. */
  get hash(): string {
    return this.trace.hash;
  }

  /** Adds a machine that runs nothing yet. Names and addresses are unique. */
  addMachine(name: string, address: string, faults = this.faults): Machine {
    const machine = new Machine(this, this.network, name, address, faults);
    this.machines.push(machine);
    this.network.attach(machine);
    return machine;
  }

  /** `run` happens `delay` true milliseconds from now. */
  after(delay: number, run: () => void): void {
    this.schedule.after(delay, run);
  }

  /** Lets time pass, in milliseconds, with all that happens in it. */
  advance(milliseconds: number): void {
    const end = this.now + milliseconds;
    while (this.schedule.step(end));
    this.schedule.now = end;
  }

  /**
   * Lets time pass until the condition holds, checked behind every event; answers whether it does within `limit`
   * milliseconds.
   */
  advanceUntil(condition: () => boolean, limit: number): boolean {
    const end = this.now + limit;
    while (!condition()) {
      if (this.schedule.step(end)) continue;
      this.schedule.now = end;
      return condition();
    }
    return true;
  }

  /** Notes what happens, for the hash. */
  record(what: string, who: string, detail: string): void {
    this.trace.addNumber(this.now);
    this.trace.addText(what);
    this.trace.addText(who);
    this.trace.addText(detail);
  }

  /** The same for bytes that arrive: the first `length`. */
  recordBytes(from: string, to: string, bytes: Uint8Array, length: number): void {
    this.onBytes?.(from, to, bytes.subarray(0, length));
    this.record('bytes', from, to);
    this.trace.addBytes(bytes, 0, length);
  }
}
