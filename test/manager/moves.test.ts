/** Reshard, rebalance and fix against real redis-servers that hold keys. */

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  applyCreate,
  applyFix,
  applyMoves,
  type ClusterView,
  checkCluster,
  inspect,
  inspectHealthy,
  ManagerError,
  movedSlots,
  type PlanFixOptions,
  planCreate,
  planFix,
  planRebalance,
  planReshard,
} from '../../src/manager/index.js';
import { asciiKeySlot } from '../../src/protocol/key-slot.js';
import { freePorts } from '../support/ports.js';
import { hasRedisServer } from '../support/redis-process.js';
import { call, RedisServers } from './redis-servers.js';

const FIRST = await freePorts(3);
const PORTS = [0, 1, 2].map((i) => FIRST + i);
const ADDRESSES = PORTS.map((port) => `127.0.0.1:${port}`);
const KEYS = Array.from({ length: 200 }, (_, n) => `key:${n}`);
/** A slot of the first master with three keys, put there by their hash tag. */
const TAG = 'b';
const SLOT = asciiKeySlot(TAG);
const TAGGED = [1, 2, 3].map((n) => `{${TAG}}${n}`);

function ownerOf(view: ClusterView, key: string): number {
  const slot = asciiKeySlot(key);
  const owner = view.nodes.find(({ slots }) => slots.some(({ start, end }) => start <= slot && slot <= end));
  return owner!.port;
}

describe.skipIf(!hasRedisServer())('moving slots (needs redis-server on PATH)', () => {
  const servers = new RedisServers();

  beforeAll(async () => {
    await Promise.all(PORTS.map((port) => servers.start(port, '--enable-debug-command', 'yes')));
    const view = await applyCreate(await planCreate(ADDRESSES));
    for (const key of [...KEYS, ...TAGGED]) await call(ownerOf(view, key), 'SET', key, `value of ${key}`);
  });
  afterAll(() => servers.close());

  /** All is well, and every key is on its owner with its value. */
  async function expectSound(): Promise<ClusterView> {
    const view = await inspect(ADDRESSES[0]);
    expect(checkCluster(view)).toMatchObject({ ok: true, obstacles: [] });
    for (const key of [...KEYS, ...TAGGED]) {
      expect(await call(ownerOf(view, key), 'GET', key)).toBe(`value of ${key}`);
    }
    expect(view.nodes.reduce((sum, { keys }) => sum + keys, 0)).toBe(KEYS.length + TAGGED.length);
    return view;
  }

  it('reshards, and again straight after, with all keys', async () => {
    for (const slots of [500, 300]) {
      const view = await inspectHealthy(ADDRESSES[1]);
      const [target] = view.nodes;
      const plan = planReshard(view, { to: target.id, from: 'all', slots });
      const events: unknown[] = [];
      const result = await applyMoves(plan.transfers, { onEvent: (event) => events.push(event) });
      expect(result.slots).toBe(slots);
      expect(events.filter((event) => (event as { type: string }).type === 'slot-moved')).toHaveLength(slots);
    }
    await expectSound();
  });

  it('passes over what is done when a plan is applied again', async () => {
    const view = await inspectHealthy(ADDRESSES[0]);
    const [target] = view.nodes;
    const plan = planReshard(view, { to: target.id, from: 'all', slots: 50 });
    const half = plan.transfers.map((transfer) => ({ ...transfer, slots: transfer.slots.slice(0, 10) }));
    await applyMoves(half);
    const result = await applyMoves(plan.transfers);
    expect(result.view.nodes.find(({ id }) => id === target.id)?.slots).not.toEqual(target.slots);
    await expectSound();
  });

  it('begins nothing when somebody else is moving a slot of the plan, and says how to go on', async () => {
    const view = await inspectHealthy(ADDRESSES[0]);
    const [target, source, third] = view.nodes;
    const { transfers } = planReshard(view, { to: target.id, from: [source.id], slots: 5 });
    const last = transfers[0].slots[4];
    await call(source.port, 'CLUSTER', 'SETSLOT', String(last), 'MIGRATING', third.id);
    await expect(applyMoves(transfers)).rejects.toMatchObject({
      code: 'INVALID',
      message: `Slot ${last} is migrating on 127.0.0.1:${source.port} already.`,
      hint: expect.stringContaining('Another reshard may be under way'),
    });
    await call(source.port, 'CLUSTER', 'SETSLOT', String(last), 'STABLE');
    await call(third.port, 'CLUSTER', 'SETSLOT', String(last), 'IMPORTING', source.id);
    await expect(applyMoves(transfers)).rejects.toThrow('is importing on');
    await call(third.port, 'CLUSTER', 'SETSLOT', String(last), 'STABLE');

    await applyMoves([{ ...transfers[0], slots: [last] }]);
    await expect(applyMoves([{ source, target: third, slots: transfers[0].slots }])).rejects.toThrow(
      `Slot ${last} is not held by 127.0.0.1:${source.port} any more.`,
    );
    await expectSound();
  });

  it('rebalances', async () => {
    const plan = planRebalance(await inspectHealthy(ADDRESSES[0]), { threshold: 0.1 });
    expect(movedSlots(plan.transfers)).toBeGreaterThan(0);
    const { view } = await applyMoves(plan.transfers);
    expect(planRebalance(view).transfers).toEqual([]);
    await expectSound();
  });

  it('stops at a key that both nodes have with different values, and goes on with --replace', async () => {
    const view = await inspectHealthy(ADDRESSES[0]);
    const source = view.nodes.find(({ port }) => port === ownerOf(view, TAGGED[0]))!;
    const target = view.nodes.find(({ id }) => id !== source.id)!;
    // A key in a slot that is not the node's own, as an accident with a restored file would leave it.
    await call(target.port, 'CLUSTER', 'SETSLOT', String(SLOT), 'IMPORTING', source.id);
    await asking(target.port, 'SET', TAGGED[0], 'another value');
    const transfers = [{ source, target, slots: [SLOT] }];
    const error = await applyMoves(transfers).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ManagerError);
    expect((error as ManagerError).message).toContain(`    - ${TAGGED[0]}`);
    await applyMoves(transfers, { replace: true });
    expect(ownerOf(await expectSound(), TAGGED[0])).toBe(target.port);
  });

  describe('fix', () => {
    let view: ClusterView;
    let owner: number;
    let other: number;
    let ids: Map<number, string>;
    const slot = String(SLOT);

    beforeEach(async () => {
      view = await inspectHealthy(ADDRESSES[0]);
      owner = ownerOf(view, TAGGED[0]);
      other = PORTS.find((port) => port !== owner)!;
      ids = new Map(view.nodes.map(({ port, id }) => [port, id]));
    });

    async function openAndMoveOneKey(): Promise<void> {
      await call(other, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', ids.get(owner)!);
      await call(owner, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', ids.get(other)!);
      await call(owner, 'MIGRATE', '127.0.0.1', String(other), TAGGED[0], '0', '1000');
    }

    async function disownEverywhere(): Promise<void> {
      for (const port of PORTS) await call(port, 'CLUSTER', 'DELSLOTS', slot);
    }

    /** Plans and applies the fix; answers the one action there is. */
    async function fixed(options: PlanFixOptions = {}) {
      const { view, plan } = await planFix(ADDRESSES[0], { timeout: 100, ...options });
      expect(plan.actions).toHaveLength(1);
      const result = await applyFix(plan, view);
      expect(checkCluster(result.view).ok).toBe(true);
      return plan.actions[0];
    }

    it('finds nothing to do in a healthy cluster', async () => {
      expect((await planFix(ADDRESSES[0])).plan.actions).toEqual([]);
      expect((await planFix(ADDRESSES[0], { searchMultipleOwners: true })).plan.actions).toEqual([]);
    });

    it('finishes a move that was interrupted', async () => {
      await openAndMoveOneKey();
      expect(await fixed()).toMatchObject({
        type: 'finish',
        source: { port: owner },
        target: { port: other },
      });
      expect(ownerOf(await expectSound(), TAGGED[0])).toBe(other);
    });

    it('closes a slot that is open on one side only', async () => {
      await call(owner, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', ids.get(other)!);
      expect(await fixed()).toMatchObject({
        type: 'gather',
        assign: false,
        from: [],
        close: [{ port: owner }],
      });
      expect(ownerOf(await expectSound(), TAGGED[0])).toBe(owner);
    });

    it('finishes a move of which only one side still knows, when keys have gone', async () => {
      for (const forgetful of [() => owner, () => other]) {
        await openAndMoveOneKey();
        await call(forgetful(), 'CLUSTER', 'SETSLOT', slot, 'STABLE');
        expect(await fixed()).toMatchObject({
          type: 'finish',
          source: { port: owner },
          target: { port: other },
        });
        expect(ownerOf(await expectSound(), TAGGED[0])).toBe(other);
        [owner, other] = [other, owner];
      }
    });

    it('moves stray keys to the owner, from slots that look closed', async () => {
      await openAndMoveOneKey();
      for (const port of [owner, other]) await call(port, 'CLUSTER', 'SETSLOT', slot, 'STABLE');
      expect(await fixed({ searchMultipleOwners: true })).toMatchObject({
        type: 'gather',
        assign: false,
        from: [{ port: other }],
      });
      expect(ownerOf(await expectSound(), TAGGED[0])).toBe(owner);
    });

    it('gathers the keys of a move that a third node has part of, at the owner', async () => {
      await openAndMoveOneKey();
      const third = PORTS.find((port) => port !== owner && port !== other)!;
      await call(third, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', ids.get(owner)!);
      await call(owner, 'MIGRATE', '127.0.0.1', String(third), TAGGED[1], '0', '1000');
      const action = await fixed();
      expect(action).toMatchObject({ type: 'gather', assign: false, owner: { port: owner } });
      expect(ownerOf(await expectSound(), TAGGED[0])).toBe(owner);
    });

    it('covers a slot with the node that has most of its keys, and gathers the rest', async () => {
      await openAndMoveOneKey();
      await call(owner, 'CLUSTER', 'SETSLOT', slot, 'STABLE');
      await call(other, 'CLUSTER', 'SETSLOT', slot, 'STABLE');
      await disownEverywhere();
      expect(await fixed()).toMatchObject({ assign: true, owner: { port: owner }, from: [{ port: other }] });
      await expectSound();
    });

    it('does not give away the slots of a master that is gone unless told to', async () => {
      await servers.kill(other);
      await expect(planFix(`127.0.0.1:${owner}`)).rejects.toMatchObject({ code: 'UNHEALTHY' });
      const { plan } = await planFix(`127.0.0.1:${owner}`, { withUnreachableMasters: true });
      expect(plan.actions.length).toBeGreaterThan(5000);
    });
  });
});

/** A command behind ASKING, on one connection. */
async function asking(port: number, ...args: string[]): Promise<void> {
  const { Connection } = await import('../../src/client/connection.js');
  const connection = await Connection.open({ host: '127.0.0.1', port });
  await Promise.all([connection.call('ASKING'), connection.call(...args)]);
  await connection.close();
}
