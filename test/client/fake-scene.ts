/** Made-up nodes and clients of one test, which go with it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect } from 'vitest';
import type { Client, HexisError } from '../../src/client/index.js';
import { slotOf } from '../../src/client/keys.js';
import { type Announced, type Answer, FakeNode, slotsReply } from './fake-cluster.js';

/** The last slot of the lower half. */
export const HALF = 8191;

let nodes: FakeNode[] = [];
let clients: Client[] = [];

afterEach(async () => {
  for (const client of clients) client.destroy();
  clients = [];
  await Promise.all(nodes.map((node) => node.stop()));
  nodes = [];
});

export async function node(...options: Parameters<typeof FakeNode.start>): Promise<FakeNode> {
  const started = await FakeNode.start(...options);
  nodes.push(started);
  return started;
}

export function kept(client: Client): Client {
  clients.push(client);
  return client;
}

/** Two nodes, of which each serves one half of the slots and says what `answer` says otherwise. */
export async function twoHalves(answer: Answer = () => undefined): Promise<[FakeNode, FakeNode]> {
  const lower = await node();
  const upper = await node();
  serve(
    [lower, upper],
    () =>
      slotsReply([
        [0, HALF, at(lower)],
        [HALF + 1, 16383, at(upper)],
      ]),
    answer,
  );
  return [lower, upper];
}

export const at = ({ port }: FakeNode): Announced => ['127.0.0.1', port];

export function serve(all: readonly FakeNode[], slots: () => string, answer: Answer = () => undefined): void {
  for (const each of all) {
    each.answers(
      (words, ...rest) => answer(words, ...rest) ?? (words[0] === 'CLUSTER' ? slots() : undefined),
    );
  }
}

/** A key in the lower or the upper half of the slots. */
export function keyIn(half: 'lower' | 'upper', n = 0): string {
  for (let i = 0; ; i++) {
    const key = `${n}:${i}`;
    if (slotOf(key) <= HALF === (half === 'lower')) return key;
  }
}

/** Waits for something that is bound to happen; the test's own limit ends it otherwise. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(1);
}

export function outcomeOf(call: Promise<unknown>): Promise<HexisError> {
  return call.then(
    (value) => expect.fail(`fulfilled with ${value}`),
    (reason) => reason as HexisError,
  );
}
