/**
 * Power loss at every boundary of what the disk is asked to do: R7 and R8 of the guarantees.
 *
 * A life is a workload on a node with a virtual disk, which fails after the n-th operation. What was written and not
 * synced is then lost, whole or in part. The next life must find the data as it was after some prefix of the
 * commands, one that has all that was acknowledged (`always`), or all but the last two seconds (`everysec`).
 * HEXIS_CRASH_POINTS sets how many points are tried.
 */
import { describe, expect, it } from 'vitest';
import { VirtualDisk } from '../../src/local/world/disk.js';
import { RandomStream } from '../../src/local/world/random.js';
import { LoneNode } from '../support/lone-node.js';
import { replyEnd } from '../support/resp.js';
import { VirtualTime } from '../support/virtual-time.js';
import { type Step, workload } from './workload.js';

const POINTS = Number(process.env.HEXIS_CRASH_POINTS ?? 500);
const STEPS = 25;
const POLICIES = ['always', 'everysec', 'no'] as const;
/** What `everysec` may lose, in milliseconds. */
const SECONDS_LOST = 2000;

class PowerFailure extends Error {}

/** A disk that fails after so many operations. */
function failingDisk(seed: number, time: VirtualTime, failAt: number) {
  const site = { operations: 0, failed: false };
  const disk = new VirtualDisk({
    random: new RandomStream(seed, `disk ${failAt}`),
    syncTime: 3,
    later: (delay, action) => time.schedule(delay, () => site.failed || action()),
    record: () => {
      if (++site.operations !== failAt) return;
      site.failed = true;
      throw new PowerFailure();
    },
  });
  return { disk, site };
}

/** A clock without what was planned before. */
function from(now: number): VirtualTime {
  const time = new VirtualTime();
  time.now = now;
  return time;
}

/** Counts whole replies. */
function repliesIn(output: string): number {
  const bytes = Buffer.from(output, 'latin1');
  let count = 0;
  for (let at = 0; at < bytes.length; count++) at = replyEnd(bytes, at);
  return count;
}

/** Digests of the data before the first command and behind each. */
function digestsOf(steps: readonly Step[]): string[] {
  const node = new LoneNode();
  const digests = [node.digest()];
  for (const words of steps.flatMap(({ commands }) => commands)) {
    node.send(...words);
    digests.push(inTransaction(digests.length - 1) ? digests.at(-1)! : node.digest());
  }
  return digests;

  function inTransaction(index: number): boolean {
    const names = steps.flatMap(({ commands }) => commands.map(([name]) => name));
    return names.lastIndexOf('MULTI', index) > names.lastIndexOf('EXEC', index);
  }
}

/** Runs the workload until the disk fails; answers when each command was acknowledged. */
function live(steps: readonly Step[], policy: string, seed: number, failAt: number) {
  const time = new VirtualTime();
  const { disk, site } = failingDisk(seed, time, failAt);
  const acknowledged: number[] = [];
  let node: LoneNode | undefined;
  const note = () => {
    const count = repliesIn(node?.takeOutput() ?? '');
    for (let i = 0; i < count; i++) acknowledged.push(time.now);
  };
  try {
    node = new LoneNode({ appendonly: 'yes', appendfsync: policy }, { disk, time });
    for (const { commands, pause } of steps) {
      node.sendTogether(...commands);
      note();
      // Bit by bit, to know when what was acknowledged.
      for (let passed = 0; passed < pause; passed += 10) {
        node.advance(Math.min(10, pause - passed));
        note();
      }
    }
  } catch (error) {
    if (!(error instanceof PowerFailure)) throw error;
    note();
  }
  return { disk, time, acknowledged, operations: site.operations, failed: site.failed };
}

describe('power loss', () => {
  it(`at ${POINTS} points loses nothing that was promised`, () => {
    let points = 0;
    for (let seed = 1; points < POINTS; seed++) {
      const steps = workload(seed, STEPS);
      const digests = digestsOf(steps);
      const policy = POLICIES[seed % POLICIES.length];
      for (let failAt = 1; points < POINTS; failAt++, points++) {
        const { disk, time, acknowledged, failed } = live(steps, policy, seed, failAt);
        if (!failed) break;
        disk.losePower();
        const place = `seed ${seed}, appendfsync ${policy}, operation ${failAt}`;
        const next = new LoneNode({ appendonly: 'yes', appendfsync: policy }, { disk, time: from(time.now) });
        expect(next.loaded, `${place}: ${next.lines.join('\n')}`).toBe(true);
        const safe = {
          always: acknowledged.length,
          everysec: acknowledged.filter((at) => at <= time.now - SECONDS_LOST).length,
          no: 0,
        }[policy];
        expect(digests.slice(safe), `${place}: ${next.lines.join('\n')}`).toContain(next.digest());

        // And life goes on.
        next.sendTogether(['SELECT', '0'], ['SET', 'last', place]);
        next.advance(10);
        const digest = next.digest();
        const after = new LoneNode({ appendonly: 'yes' }, { disk, time: from(next.time.now) });
        expect(after.digest(), place).toBe(digest);
      }
    }
  });
});
