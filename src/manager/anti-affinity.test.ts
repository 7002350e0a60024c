import { describe, expect, it } from 'vitest';
import type { NodeAddress } from './address.js';
import { antiAffinityScore, improveAntiAffinity } from './anti-affinity.js';

function node(host: string, port: number): NodeAddress {
  return { host, port, id: `${host}/${port}` };
}

const m1 = node('a', 1);
const m2 = node('b', 1);
const m3 = node('c', 1);

describe('anti-affinity score', () => {
  it('is 10000 for each replica beside its master', () => {
    const replicas = [
      { node: node('a', 2), master: m1 },
      { node: node('a', 3), master: m1 },
      { node: node('a', 4), master: m2 },
    ];
    expect(antiAffinityScore(replicas)).toBe(20_000);
  });

  it('is the size of each group of replicas of one master that share another host', () => {
    const replicas = [2, 3, 4].map((port) => ({ node: node('b', port), master: m1 }));
    expect(antiAffinityScore(replicas.slice(0, 1))).toBe(0);
    expect(antiAffinityScore(replicas.slice(0, 2))).toBe(2);
    expect(antiAffinityScore(replicas)).toBe(3);
  });
});

describe('improving anti-affinity', () => {
  it('trades masters until no replica is beside its own', () => {
    const replicas = [
      { node: node('a', 2), master: m1 },
      { node: node('b', 2), master: m2 },
      { node: node('c', 2), master: m3 },
    ];
    const improved = improveAntiAffinity(replicas);
    expect(antiAffinityScore(improved)).toBe(0);
    expect(improved.map((replica) => replica.node)).toEqual(replicas.map((replica) => replica.node));
    expect(new Set(improved.map((replica) => replica.master))).toEqual(new Set([m1, m2, m3]));
  });

  it('leaves replicas where they are when all nodes share one host', () => {
    const replicas = [4, 5, 6].map((port) => ({ node: node('a', port), master: node('a', port - 3) }));
    expect(improveAntiAffinity(replicas)).toEqual(replicas);
  });

  it('answers the same plan each time', () => {
    const masters = [m1, m2, m3];
    const replicas = Array.from({ length: 9 }, (_, n) => ({
      node: node('abc'[n % 3], n + 2),
      master: masters[n % 3],
    }));
    const improved = improveAntiAffinity(replicas);
    expect(improveAntiAffinity(replicas)).toEqual(improved);
    expect(antiAffinityScore(improved)).toBeLessThan(antiAffinityScore(replicas));
  });
});
