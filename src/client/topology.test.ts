import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Reply, ReplyError } from '../protocol/reply-decoder.js';
import { AllNodesFailedError, UsageError } from './errors.js';
import type { NodeLink } from './node-link.js';
import { askingOrder, discover } from './topology.js';

/** A node that answers CLUSTER SLOTS like this, or never. */
function node(name: string, answer: Reply | Error | 'silence', connected = false): NodeLink {
  const call = () => {
    if (answer === 'silence') return new Promise(() => {});
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return {
    address: `${name}:7000`,
    host: name,
    connection: connected || undefined,
    open: async () => ({ call }),
  } as unknown as NodeLink;
}

const slotsOf = (master: string): Reply => [[0, 16383, [master, 7000, 'id']]];
const mastersOf = async (links: NodeLink[]) => (await discover(links)).map(({ master }) => master.host);

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('discovery', () => {
  it('takes the view that most nodes hold', async () => {
    const links = [node('a', slotsOf('old')), node('b', slotsOf('new')), node('c', slotsOf('new'))];
    expect(await mastersOf(links)).toEqual(['new']);
    expect(await mastersOf([node('a', slotsOf('x'))])).toEqual(['x']);
  });

  it('asks others in place of those that fail', async () => {
    const links = ['a', 'b', 'c'].map((name) => node(name, new Error('down')));
    expect(await mastersOf([...links, node('d', slotsOf('x'))])).toEqual(['x']);
  });

  it('waits only a little for those that do not answer', async () => {
    const silent = ['a', 'b', 'c'].map((name) => node(name, 'silence'));
    const found = mastersOf([...silent, node('d', 'silence'), node('e', slotsOf('x'))]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await found).toEqual(['x']);
    const one = mastersOf([node('a', slotsOf('x')), node('b', 'silence'), node('c', 'silence')]);
    await vi.advanceTimersByTimeAsync(300);
    expect(await one).toEqual(['x']);
  });

  it('lists why every node failed, in the order of the addresses', async () => {
    const links = [node('a', new Error('down')), node('b', []), node('c', 'OK')];
    const error = await discover(links).catch((reason) => reason);
    expect(error).toBeInstanceOf(AllNodesFailedError);
    expect(error.message.split('\n').slice(1)).toEqual([
      '  a:7000: down',
      '  b:7000: it knows no slots; has the cluster been created?',
      '  c:7000: CLUSTER SLOTS answered something that is not a list',
    ]);
  });

  it('recognises a single server', async () => {
    const refusal = new ReplyError('ERR This instance has cluster support disabled');
    await expect(discover([node('a', refusal)])).rejects.toThrow(UsageError);
  });

  it('asks connected nodes first, each address once', () => {
    const [a, b, seed] = [node('a', null), node('b', null, true), node('a', null)];
    expect(askingOrder([a, b], [seed])).toEqual([b, a]);
  });
});
