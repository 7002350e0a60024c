import { describe, expect, it } from 'vitest';
import { parseClusterSlots, resolveAddress } from './slot-map.js';

describe('the slot map', () => {
  it('joins the ranges of a master', () => {
    const map = parseClusterSlots(
      [
        [0, 99, ['10.0.0.1', 7000, 'id1', []], ['10.0.0.2', 7003, 'id2', []]],
        [100, 199, ['10.0.0.3', 7001, 'id3']],
        [200, 299, ['10.0.0.1', 7000, 'id1', []], ['10.0.0.2', 7003, 'id2', []]],
      ],
      'asked',
    );
    expect(map).toEqual([
      {
        master: { host: '10.0.0.1', port: 7000 },
        replicas: [{ host: '10.0.0.2', port: 7003 }],
        slots: [
          [0, 99],
          [200, 299],
        ],
      },
      { master: { host: '10.0.0.3', port: 7001 }, replicas: [], slots: [[100, 199]] },
    ]);
  });

  it('takes the asked host where a node does not know its own', () => {
    for (const unknown of ['', '?', null]) {
      expect(resolveAddress(unknown, 7000, 'asked')).toEqual({ host: 'asked', port: 7000 });
    }
  });

  it('translates announced addresses by a table or a function', () => {
    const table = { '172.17.0.2:6379': 'localhost:7000' };
    expect(resolveAddress('172.17.0.2', 6379, 'x', table)).toEqual({ host: 'localhost', port: 7000 });
    expect(resolveAddress('172.17.0.3', 6379, 'x', table)).toEqual({ host: '172.17.0.3', port: 6379 });
    const tunnel = (announced: string) => ({ host: 'tunnel', port: Number(announced.split(':')[1]) + 1 });
    expect(resolveAddress('172.17.0.2', 6379, 'x', tunnel)).toEqual({ host: 'tunnel', port: 6380 });
  });

  it('refuses what is not a slot map', () => {
    expect(() => parseClusterSlots('OK', 'asked')).toThrow('not a list');
    expect(() => parseClusterSlots([[1, 2]], 'asked')).toThrow('malformed range');
  });
});
