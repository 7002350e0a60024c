/**
 * Runs the same commands on a redis-server and on Hexis and requires the same bytes, in RESP2 and RESP3.
 *
 * A script is a text, one command a line, with the quoting of redis-cli. A line may begin with a mark where the
 * replies can't be equal byte for byte:
 *   ~  the elements may come in any order (KEYS, SCAN …)
 *   ?  only the type of the reply is compared, of errors the text too (TIME, RANDOMKEY …)
 *   #  a comment
 */
import { splitArguments } from '../../src/protocol/inline-arguments.js';
import { parseReply, type Reply } from '../support/resp.js';

export interface Step {
  readonly mark: string;
  readonly words: readonly (string | Uint8Array)[];
}

export function parseScript(script: string): Step[] {
  return script
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const mark = /^[~?] /.test(line) ? line[0] : '';
      const bytes = Buffer.from(mark === '' ? line : line.slice(2), 'latin1');
      const words = splitArguments(bytes, 0, bytes.length);
      if (words === undefined) throw new Error(`unbalanced quotes: ${line}`);
      return { mark, words };
    });
}

/** A server, over a connection or in this process. */
export interface Party {
  send(requests: readonly Step['words'][]): Promise<Buffer[]>;
}

/** Runs the steps on both from an empty keyspace. Answers the first difference, or undefined. */
export async function firstDifference(
  steps: readonly Step[],
  redis: Party,
  hexis: Party,
  resp: number,
): Promise<string | undefined> {
  const opening: Step[] = [
    { mark: '', words: ['RESET'] },
    { mark: '?', words: ['HELLO', String(resp)] },
    { mark: '', words: ['FLUSHALL'] },
  ];
  const all = [...opening, ...steps];
  const requests = all.map(({ words }) => words);
  const [expected, actual] = await Promise.all([redis.send(requests), hexis.send(requests)]);
  for (const [i, { mark, words }] of all.entries()) {
    if (comparable(expected[i], mark) === comparable(actual[i], mark)) continue;
    const command = words.map((word) => JSON.stringify(Buffer.from(word).toString('latin1'))).join(' ');
    const show = (bytes: Buffer) => JSON.stringify(bytes.toString('latin1').slice(0, 2000));
    return `RESP${resp}, step ${i - opening.length + 1}: ${command}\n  redis: ${show(expected[i])}\n  hexis: ${show(actual[i])}`;
  }
  return undefined;
}

function comparable(reply: Buffer, mark: string): string {
  if (mark === '' || reply.length === 0) return reply.toString('latin1');
  const value = parseReply(reply);
  if (mark === '?' && value.type !== 'error') return value.type;
  return JSON.stringify(sorted(value));
}

function sorted(reply: Reply): Reply {
  if (!('elements' in reply)) return reply;
  const elements = reply.elements.map(sorted);
  const key = (element: Reply) => JSON.stringify(element);
  return { ...reply, elements: elements.sort((a, b) => (key(a) < key(b) ? -1 : 1)) };
}
