/**
 * A machine: an address, clocks and a disk that outlive the processes on it, of which one runs at a time.
 */
import { VirtualClock } from './clock.js';
import { VirtualDisk } from './disk.js';
import type { FaultRates } from './faults.js';
import type { Network } from './network.js';
import { type StartProgram, VirtualProcess } from './process.js';
import { RandomStream } from './random.js';
import type { World } from './world.js';

/** Machines boot at some time, with wall clocks some time in 2026. */
const WALL_CLOCK_ORIGIN = 1_780_000_000_000;

export class Machine {
  readonly clock: VirtualClock;
  readonly disk: VirtualDisk;
  readonly scheduler: RandomStream;
  readonly programRandom: RandomStream;
  process: VirtualProcess | undefined;
  powered = true;
  private nextProcessId = 1000;
  private start: StartProgram | undefined;

  constructor(
    readonly world: World,
    readonly network: Network,
    readonly name: string,
    readonly address: string,
    readonly faults: FaultRates,
  ) {
    const stream = (concern: string) => new RandomStream(world.seed, `${concern} ${name}`);
    this.scheduler = stream('scheduler');
    this.programRandom = stream('program');
    const hardware = stream('clock');
    this.clock = new VirtualClock(
      1 + hardware.between(-faults.drift, faults.drift),
      Math.floor(hardware.between(1e6, 1e8)),
      WALL_CLOCK_ORIGIN + Math.floor(faults.drift * hardware.between(-1e6, 1e6)),
    );
    this.disk = new VirtualDisk({
      random: stream('disk'),
      syncTime: faults.sync,
      later: (delay, action) => {
        const { process } = this;
        world.after(delay, () => process?.alive && process.post(action));
      },
      record: (operation, path, size) => world.record(operation, name, `${path} ${size}`),
    });
  }

  /** Whether a process runs. */
  get running(): boolean {
    return this.process?.alive === true;
  }

  /** Starts a program, or again the one that ran last; switches the power on. Ends a process that still runs. */
  run(start = this.start): VirtualProcess {
    if (!start) throw new Error(`${this.name} has never run a program`);
    this.process?.end(false);
    this.start = start;
    this.powered = true;
    this.world.record('run', this.name, '');
    this.process = new VirtualProcess(this, this.nextProcessId++, start);
    this.network.reachabilityChanged();
    return this.process;
  }

  /** kill -9: connections break, what was written stays. */
  kill(): void {
    this.world.record('kill', this.name, '');
    this.process?.end(false);
  }

  /** Pulls the plug: nobody is told, and what was not synced is lost. */
  losePower(): void {
    this.world.record('power loss', this.name, '');
    this.process?.end(true);
    this.powered = false;
    this.disk.losePower();
  }
}
