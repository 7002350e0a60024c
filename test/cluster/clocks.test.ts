import { expect, it } from 'vitest';
import { idOf, Stage } from './stage.js';

const roles = [
  { name: 'a', slots: [0, 5000] },
  { name: 'b', slots: [5001, 10_000] },
  { name: 'c', slots: [10_001, 16_383] },
  { name: 'r', of: 'a' },
] as const;

/** A heartbeat in which a node says when `about` last answered it, by its own wall clock. */
const heard = (about: string, pongReceived: number) =>
  ({
    type: 'pong',
    hostname: '',
    gossip: [
      {
        id: idOf(about),
        pingSent: 0,
        pongReceived,
        ip: '10.0.0.3',
        port: 7000,
        plainPort: 0,
        busPort: 17_000,
        flags: 1,
      },
    ],
  }) as const;

it.each([
  -5000, 5000,
])('A wall clock set by %i ms changes no time that the node measures, only what it says', (lead) => {
  const stage = new Stage(roles);
  stage.wallClockLead = lead;
  const { now } = stage;
  const c = stage.cluster.node(idOf('c'))!;
  c.pingSent = 0; // it has answered
  stage.now += 3000;
  const told = now + lead + 2000; // by the clocks of b and of this node, which show the same
  stage.hear('b', heard('c', told));
  expect(c.pongReceived).toBe(now + 2000);
  expect(stage.cluster.view.nodes()).toContain(`${idOf('c')} 10.0.0.3:7000@17000 master - 0 ${told} `);
});

it("A companion's clock that is ahead keeps no master among the majority: only who is heard counts (R5)", () => {
  const stage = new Stage(roles);
  const { nodeTimeout } = stage.options;
  const away = ['b', 'c'] as const;
  const begun = stage.now;
  while (stage.now < begun + 2600) {
    stage.pass(100);
    for (const name of away) stage.hear(name, { type: 'pong', hostname: '', gossip: [] });
  }
  expect(stage.cluster.isUp).toBe(true);
  const lastHeard = stage.now;
  const answered = { pingSent: 0, pongReceived: lastHeard };
  for (const name of away) Object.assign(stage.cluster.node(idOf(name))!, answered);
  while (stage.now < lastHeard + nodeTimeout) {
    stage.pass(100);
    for (const name of away) stage.hear('r', heard(name, begun + 3000));
    expect(stage.cluster.isUp).toBe(true);
  }
  stage.pass(200);
  expect(stage.cluster.isUp).toBe(false);
});
