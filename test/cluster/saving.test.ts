/** When a node writes nodes.conf, and how often it tells the others, while slots move. */
import { describe, expect, it } from 'vitest';
import { bitmapOf, countSlots } from '../../src/cluster/slot-bitmap.js';
import { idOf, type Role, Stage } from './stage.js';

const ping = { type: 'ping', gossip: [], hostname: '' } as const;

function slots(first: number, last: number) {
  return bitmapOf(Array.from({ length: last - first + 1 }, (_, i) => first + i));
}

/** The real node is `a`; a claim of `c` wins over that of every other. */
function stageOf(self: Role): Stage {
  const stage = new Stage([
    self,
    { name: 'b', slots: [100, 199], epoch: 2 },
    { name: 'c', slots: [200, 299], epoch: 5 },
  ]);
  stage.pass(100);
  stage.saved = '';
  return stage;
}

const master: Role = { name: 'a', slots: [0, 99], epoch: 1 };

describe('While slots move', () => {
  it('a node saves with the next tick what passes between others', () => {
    const stage = stageOf(master);
    for (let first = 199; first >= 150; first--) stage.hear('c', ping, { slots: slots(first, 299) });
    expect(stage.saved).toBe('');
    stage.pass(100);
    expect(stage.saved).toMatch(/^c{40} .* 150-299$/m);
  });

  it('a master saves at once that it has lost slots', () => {
    const stage = stageOf(master);
    stage.hear('c', ping, { slots: slots(50, 299) });
    expect(stage.saved).toMatch(/^a{40} .* 0-49$/m);
  });

  it('a replica saves at once that its master has got slots', () => {
    const stage = stageOf({ name: 'a', of: 'c' });
    stage.hear('c', ping, { slots: slots(150, 299) });
    expect(stage.saved).toMatch(/^c{40} .* 150-299$/m);
  });

  it('a node saves nothing when it is told by hand what it knows', () => {
    const stage = stageOf(master);
    const { administration } = stage.cluster;
    stage.do(() => administration.setSlotNode(200, idOf('c')));
    expect(stage.saved).toBe('');
    stage.do(() => administration.setSlotNode(199, idOf('c')));
    expect(stage.saved).toMatch(/^c{40} .* 199-299$/m);
  });

  it('the new owner tells everyone once of all slots that it gets in a turn, and has them on disk then', () => {
    const stage = stageOf(master);
    const { administration } = stage.cluster;
    stage.do(() => {
      for (let slot = 100; slot < 132; slot++) {
        administration.setSlotImporting(slot, idOf('b'));
        administration.setSlotNode(slot, idOf('a'));
      }
    });
    expect(stage.saidTo('b', 'pong')).toHaveLength(1);
    expect(stage.saidTo('c', 'pong')).toHaveLength(1);
    const pong = stage.spoken.findLast(({ frame }) => frame.body.type === 'pong');
    expect(countSlots(pong!.frame.header.slots)).toBe(132);
    expect(pong?.saved).toMatch(/^a{40} .* 0-131$/m);
  });
});
