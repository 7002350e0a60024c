import { describe, expect, it } from 'vitest';
import { type NodeAddress, parseAddress } from './address.js';
import type { Connections } from './connections.js';
import { moveSlot } from './move-slots.js';
import { type ClusterView, describeNode } from './view.js';

const [SOURCE, TARGET, THIRD] = ['a', 'b', 'c'].map((letter, index): NodeAddress => {
  return { id: letter.repeat(40), host: 'h', port: 7000 + index };
});

/** What the source says of itself while the slot is open. */
function sourceLine(migratingTo: NodeAddress): string {
  return `${SOURCE.id} h:7000@17000 myself,master - 0 0 1 connected 0-8000 [5->-${migratingTo.id}]`;
}

const view: ClusterView = {
  nodes: [SOURCE, TARGET, THIRD].map((node) =>
    describeNode(parseAddress(`h:${node.port}`), {
      nodes: `${node.id} h:${node.port}@${node.port + 10_000} myself,master - 0 0 1 connected`,
      clusterInfo: '',
      replication: '',
      keys: 0,
    }),
  ),
  unreachable: [],
};

/** Nodes that do as they are told; the source has no key of the slot left, and means this target. */
function nodes(migratingTo: NodeAddress) {
  const calls: string[] = [];
  const answer = async ({ port }: { port: number }, ...words: unknown[]) => {
    calls.push(`${port} ${words.join(' ')}`);
    return words[1] === 'NODES' ? sourceLine(migratingTo) : words[1] === 'GETKEYSINSLOT' ? [] : 'OK';
  };
  const connections = { call: answer, callForBytes: answer, options: {} } as unknown as Connections;
  return { connections, calls };
}

describe('moving one slot', () => {
  it('opens it, moves its keys and names the new owner, the target first', async () => {
    const { connections, calls } = nodes(TARGET);
    await moveSlot(connections, view, 5, SOURCE, TARGET, {});
    expect(calls).toEqual([
      `7001 CLUSTER SETSLOT 5 IMPORTING ${SOURCE.id}`,
      `7000 CLUSTER SETSLOT 5 MIGRATING ${TARGET.id}`,
      '7000 CLUSTER GETKEYSINSLOT 5 100',
      '7000 CLUSTER NODES',
      `7001 CLUSTER SETSLOT 5 NODE ${TARGET.id}`,
      `7000 CLUSTER SETSLOT 5 NODE ${TARGET.id}`,
      `7002 CLUSTER SETSLOT 5 NODE ${TARGET.id}`,
    ]);
  });

  it('names no owner when somebody else has turned the slot to another node meanwhile', async () => {
    const { connections, calls } = nodes(THIRD);
    await expect(moveSlot(connections, view, 5, SOURCE, TARGET, {})).rejects.toMatchObject({
      code: 'INVALID',
      message: 'Somebody else is moving slot 5 of h:7000 as well: it was stopped halfway.',
    });
    expect(calls.filter((call) => call.includes(' NODE '))).toEqual([]);
  });
});
