/**
 * `maxmemory`: before every command keys are evicted until enough is free; if that can't be, commands that may need
 * memory are refused (the gatekeeper's `outOfMemory`).
 *
 * What counts is what the data takes, what clients' buffers hold, and the backlog; the latter two are measured now and
 * then. What replicas and the append-only file still have to be told isn't counted: an evicted key makes it grow. A
 * node evicts for half a millisecond at a time (`maxmemory-eviction-tenacity`) and goes on when other events have had
 * their turn; commands are admitted meanwhile. Replicas leave it to their master (`replica-ignore-maxmemory`).
 *
 * This is also where the access clock of keys is told which policy it serves.
 */
import { EVENT } from '../commands/context.js';
import { EvictionPool } from '../keyspace/eviction.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { slice } from '../protocol/bytes.js';
import type { Config } from './config/index.js';
import type { Dispatcher } from './dispatcher.js';
import type { Gatekeeper } from './gatekeeper.js';
import type { Host, Schedule } from './host.js';
import type { Statistics } from './monitoring/statistics.js';
import type { Propagation } from './propagation.js';

export interface EvictionSurroundings {
  readonly host: Host;
  readonly config: Config;
  readonly schedule: Schedule;
  readonly keyspace: Keyspace;
  readonly gatekeeper: Gatekeeper;
  readonly propagation: Propagation;
  readonly statistics: Statistics;
  readonly dispatcher: () => Dispatcher;
  /** Bytes that clients' buffers and the backlog hold, without what replicas have yet to be sent. */
  readonly bufferBytes: () => number;
  /** Whether keys must not be evicted now: a replica, a node that loads or whose writes are paused. */
  readonly mustNot: () => boolean;
}

/** How often buffers are measured, milliseconds. */
const MEASURE_INTERVAL = 100;
/** Keys between two looks at the clock. */
const KEYS_PER_LOOK = 16;

type Outcome = 'enough' | 'later' | 'none left';

export class Eviction {
  private readonly pool: EvictionPool;
  private bufferBytes = 0;
  /** Buffers have gone since they were measured. */
  private measuredTooMuch = false;
  private outOfMemory = false;
  private goesOn = false;

  constructor(private readonly around: EvictionSurroundings) {
    const { config, keyspace } = around;
    this.pool = new EvictionPool(keyspace);
    config.onChange(['maxmemory-policy', 'lfu-log-factor', 'lfu-decay-time'], () => {
      this.policyChanged();
      return undefined;
    });
    config.onChange('maxmemory', () => {
      this.noteLimit();
      this.goOnLater();
      return undefined;
    });
    this.policyChanged();
  }

  /** Begins to measure. Buffers grow without commands that need memory: keys make room for them here. */
  start(): void {
    this.noteLimit();
    this.measure();
  }

  private measure(): void {
    this.measureBuffers();
    this.makeRoom();
    this.around.schedule(MEASURE_INTERVAL, () => this.measure());
  }

  private measureBuffers(): void {
    this.bufferBytes = this.around.bufferBytes();
    this.measuredTooMuch = false;
  }

  /** A client has gone, with its buffers: no key need make room for them. */
  clientLeft(): void {
    this.measuredTooMuch = true;
  }

  private noteLimit(): void {
    this.around.gatekeeper.set({ limited: this.around.config.values.maxmemory > 0 });
  }

  /** Evicts keys if there is need, and says to the gatekeeper whether that was enough. */
  makeRoom(): void {
    if (this.around.config.values.maxmemory === 0 && !this.outOfMemory) return;
    const outOfMemory = this.evict() === 'none left';
    if (outOfMemory === this.outOfMemory) return;
    this.outOfMemory = outOfMemory;
    this.around.gatekeeper.set({ outOfMemory });
  }

  private get excess(): number {
    const { maxmemory } = this.around.config.values;
    return maxmemory === 0 ? 0 : this.around.keyspace.usedBytes + this.bufferBytes - maxmemory;
  }

  private evict(): Outcome {
    const { config, host, propagation, mustNot } = this.around;
    if (this.excess > 0 && this.measuredTooMuch) this.measureBuffers();
    if (this.excess <= 0 || mustNot()) return 'enough';
    const { values } = config;
    const deadline = host.monotonicClock() + timeLimit(values['maxmemory-eviction-tenacity']);
    let outcome: Outcome = 'enough';
    for (let evicted = 1; this.excess > 0; evicted++) {
      if (!this.evictOne()) {
        outcome = 'none left';
        break;
      }
      if (evicted % KEYS_PER_LOOK === 0 && host.monotonicClock() > deadline) {
        outcome = 'later';
        this.goOnLater();
        break;
      }
    }
    propagation.flush(false);
    return outcome;
  }

  private evictOne(): boolean {
    const { config, propagation, statistics, dispatcher } = this.around;
    const { values } = config;
    const victim = this.pool.next(values['maxmemory-policy'], values['maxmemory-samples']);
    if (victim === null) return false;
    const { db, ref } = victim;
    const key = slice(db.buffer(ref), db.keyStart(ref), db.keyEnd(ref));
    db.remove(ref);
    db.keyspace.disposal.finish(); // its memory is needed now
    statistics.evictedKeys++;
    dispatcher().changedKey(key, 0, key.length, EVENT.evicted, 'evicted', db);
    propagation.words(db.index, values['lazyfree-lazy-eviction'] ? 'UNLINK' : 'DEL', key);
    return true;
  }

  private goOnLater(): void {
    if (this.goesOn) return;
    this.goesOn = true;
    this.around.schedule(0, () => {
      this.goesOn = false;
      this.makeRoom();
    });
  }

  private policyChanged(): void {
    const { keyspace, config } = this.around;
    const { values } = config;
    this.pool.clear();
    keyspace.frequencyClock = values['maxmemory-policy'].endsWith('lfu')
      ? { logFactor: values['lfu-log-factor'], decayTime: values['lfu-decay-time'] }
      : null;
  }
}

/** Milliseconds that evicting may take at a time. */
function timeLimit(tenacity: number): number {
  if (tenacity <= 10) return 0.05 * tenacity;
  return tenacity < 100 ? 0.5 * 1.15 ** (tenacity - 10) : Number.POSITIVE_INFINITY;
}
