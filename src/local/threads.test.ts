import { describe, expect, it } from 'vitest';
import { localEndpoints, planLayout } from './layout.js';
import { assignThreads } from './threads.js';

function threadsOf(masters: number, replicas: number, cores: number): number[][] {
  const size = { masters, replicas };
  const { nodes } = planLayout(size, localEndpoints(size, 7000), () => 1);
  return assignThreads(nodes, cores).map((thread) => thread.map(({ index }) => index));
}

describe('the threads of a local cluster', () => {
  it('hold one master each and a replica of another', () => {
    expect(threadsOf(3, 1, 2)).toEqual([
      [0, 5],
      [1, 3],
      [2, 4],
    ]);
  });

  it('never hold two nodes of one shard', () => {
    for (let masters = 1; masters <= 12; masters++) {
      for (let replicas = 0; replicas <= 5; replicas++) {
        const threads = threadsOf(masters, replicas, 4);
        for (const thread of threads) {
          expect(new Set(thread.map((index) => index % masters)).size).toBe(thread.length);
        }
        expect(threads.flat()).toHaveLength(masters * (replicas + 1));
      }
    }
  });
});
