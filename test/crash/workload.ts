/** What clients do before and while something breaks: seeded, so that it can be done again. */
import { TestRandom } from '../support/random.js';

/** Commands that arrive at once, and how long nothing comes after them, in milliseconds. */
export interface Step {
  readonly commands: string[][];
  readonly pause: number;
}

const FAR = '4000000000000';
const KEYS = 12;

/** Changes to a few keys of all sorts, singly, in pipelines and in transactions, with rewrites in between. */
export function workload(seed: number, length: number): Step[] {
  const random = new TestRandom(seed);
  const key = (kind: string) => `${kind}:${random.below(KEYS)}`;
  const stream = () => `stream:${random.below(2)}`;
  const text = () =>
    random.pick(['x', String(random.below(1000)), 'some words '.repeat(1 + random.below(20))]);
  const change = (): string[] =>
    random.pick([
      () => ['SET', key('string'), text()],
      () => ['SET', key('string'), text(), 'PXAT', FAR],
      () => ['APPEND', key('string'), text()],
      () => ['INCR', key('number')],
      () => ['SETRANGE', key('string'), '5', text()],
      () => ['GETDEL', key('string')],
      () => ['DEL', key('string'), key('number')],
      () => ['PEXPIREAT', key('string'), FAR],
      () => ['PERSIST', key('string')],
      () => ['RENAME', 'string:1', 'string:2'],
      () => ['XADD', stream(), 'MAXLEN', '~', '3', '5-*', 'field', text()],
      () => ['XGROUP', 'CREATE', stream(), 'group', '0', 'MKSTREAM'],
      () => ['XREADGROUP', 'GROUP', 'group', text().slice(0, 1), 'STREAMS', stream(), '>'],
    ])();
  const step = (): string[][] => {
    const dice = random.below(20);
    if (dice === 0) return [['BGREWRITEAOF']];
    if (dice === 1) return [['SELECT', String(random.below(3))]];
    if (dice === 2 && random.below(4) === 0) return [['FLUSHALL']];
    const changes = Array.from({ length: 1 + random.below(4) }, change);
    return dice < 6 ? [['MULTI'], ...changes, ['EXEC']] : changes;
  };
  return Array.from({ length }, () => ({
    commands: step(),
    pause: random.pick([0, 0, 1, 5, 50, 700]),
  }));
}
