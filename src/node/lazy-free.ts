/** Gives back the memory of large removed values bit by bit, in between other work. See keyspace/disposal.ts. */
import type { Disposal } from '../keyspace/disposal.js';
import type { Schedule } from './host.js';

/** About half a millisecond's work … */
const PIECES = 8192;
/** … every so many milliseconds. */
const INTERVAL = 1;

export function freeLazily(disposal: Disposal, schedule: Schedule): void {
  const goOn = () => {
    schedule(INTERVAL, () => {
      if (!disposal.step(PIECES)) goOn();
    });
  };
  disposal.later = goOn;
}
