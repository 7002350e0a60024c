/**
 * Clients and operators of the simulation are scripts: generators that stop wherever a program would wait. A script is
 * read from top to bottom as if it were the only one, and a hundred of them share one virtual world without promises,
 * whose turns would not be the world's.
 */
import type { PendingReply, VirtualConnection } from '../../src/local/virtual-connection.js';
import type { World } from '../../src/local/world/world.js';
import { type Reply, ReplyError } from '../../src/protocol/reply-decoder.js';

/** Something to wait for: calls `resume` once when it has come. */
export type Wait = (resume: () => void) => void;
export type Script<Result = void> = Generator<Wait, Result, void>;

/** Plays the script until its end; answers whether it is over. */
export function play(script: Script): { over: boolean } {
  const state = { over: false };
  const step = () => {
    const { done, value } = script.next();
    if (done) state.over = true;
    else value(step);
  };
  step();
  return state;
}

/** Waits so many milliseconds. */
export function* sleep(world: World, milliseconds: number): Script {
  yield (resume) => world.after(milliseconds, resume);
}

/** What came of a command: its reply, an error that the server replied, or nothing. */
export type Outcome =
  | { readonly type: 'reply'; readonly value: Reply }
  | { readonly type: 'error'; readonly message: string }
  | { readonly type: 'lost' };

/** Waits for a reply, `limit` milliseconds at most. */
export function* outcomeOf(world: World, pending: PendingReply, limit: number): Script<Outcome> {
  yield (resume) => {
    let waiting = true;
    const settled = () => {
      if (waiting) resume();
      waiting = false;
    };
    pending.whenSettled(settled);
    world.after(limit, settled);
  };
  if (!pending.isSettled) return { type: 'lost' };
  try {
    return { type: 'reply', value: pending.value };
  } catch (error) {
    return error instanceof ReplyError ? { type: 'error', message: error.message } : { type: 'lost' };
  }
}

/** Sends a command and waits for what comes of it. */
export function* ask(
  world: World,
  connection: VirtualConnection,
  limit: number,
  ...command: (string | number)[]
): Script<Outcome> {
  return yield* outcomeOf(world, connection.send(...command), limit);
}
