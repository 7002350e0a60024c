import { describe, expect, it } from 'vitest';
import { chooseReader, type ReadCandidate, type ReadFrom } from './read-choice.js';

function node(address: string, properties: Partial<ReadCandidate> = {}): ReadCandidate {
  return { address, fit: true, latency: 1, zone: undefined, ...properties };
}

/** The addresses chosen in the first four turns. */
function choices(
  readFrom: ReadFrom,
  master: ReadCandidate,
  replicas: ReadCandidate[],
  zone?: string,
): string[] {
  return [0, 1, 2, 3].map((turn) => chooseReader(readFrom, master, replicas, turn, zone)!.address);
}

describe('the node for a read', () => {
  const master = node('m');
  const [a, b] = [node('a'), node('b')];

  it('is the master, a replica, or any in turn', () => {
    expect(choices('master', master, [a, b])).toEqual(['m', 'm', 'm', 'm']);
    expect(choices('replica', master, [a, b])).toEqual(['a', 'b', 'a', 'b']);
    expect(choices('any', master, [a, b])).toEqual(['a', 'b', 'm', 'a']);
  });

  it('is any of them at random', () => {
    const chosen = new Set(Array.from({ length: 100 }, () => choices('random', master, [a, b])).flat());
    expect(chosen).toEqual(new Set(['m', 'a', 'b']));
  });

  it('is one that can be expected to answer', () => {
    const down = node('a', { fit: false });
    expect(choices('replica', master, [down, b])).toEqual(['b', 'b', 'b', 'b']);
    for (const readFrom of ['replica', 'any', 'nearest', 'zone'] as const) {
      expect(choices(readFrom, node('m', { fit: false }), [down])[0]).toBe('m');
    }
  });

  it('is the one that answers fastest', () => {
    const slow = node('m', { latency: 9 });
    const replicas = [node('a', { latency: 2 }), node('b', { latency: 0.5 })];
    expect(choices('nearest', slow, replicas)[0]).toBe('b');
    expect(choices('nearest', node('m', { latency: 0.1 }), replicas)[0]).toBe('m');
  });

  it('is in the zone of the client if there is one', () => {
    const [near, far] = [node('near', { zone: 'x' }), node('far', { zone: 'y' })];
    expect(choices('zone', master, [far, near], 'x')).toEqual(['near', 'near', 'near', 'near']);
    expect(choices('zone', node('m', { zone: 'x' }), [far], 'x')[0]).toBe('m');
    expect(choices('zone', master, [far, near], 'z')).toEqual(['far', 'near', 'far', 'near']);
    const unknown = node('unknown', { latency: 0 });
    expect(choices('zone', node('m', { zone: 'x' }), [far, unknown], 'x')[0]).toBe('unknown');
  });

  it('is what a function says, the master if that is none', () => {
    const last = (nodes: readonly ReadCandidate[]) => nodes.length - 1;
    expect(choices(last, master, [a, b])[0]).toBe('m');
    expect(choices(() => -1, master, [a])[0]).toBe('m');
    expect(choices(() => 0, master, [a])[0]).toBe('a');
  });
});
