import { describe, expect, it } from 'vitest';
import { LoneNode } from '../../test/support/lone-node.js';
import { MemoryDisk } from '../../test/support/memory-disk.js';
import { encodeRequest } from '../protocol/request-parser.js';
import { NO_LINK } from './no-link.js';

/** Whether the append-only file has the word by now. */
function logged(disk: MemoryDisk, word: string): boolean {
  return [...disk.files].some(([path, { bytes }]) => path.endsWith('.aof') && bytes.includes(word));
}

/** A client whose turns end when the test says so: `written` has what it is sent, and what the log had by then. */
function slowTurns(lone: LoneNode) {
  const written: { bytes: number; inLog: boolean }[] = [];
  const handler = lone.node.accept({
    ...NO_LINK,
    write(_, start, end) {
      written.push({ bytes: end - start, inLog: logged(lone.disk as MemoryDisk, 'logged-word') });
      return true;
    },
  });
  const send = (...commands: string[][]) => {
    const bytes = Buffer.concat(commands.map((words) => encodeRequest(words)));
    handler.received(bytes, 0, bytes.length);
  };
  return { written, send };
}

const GETS = Array.from({ length: 10 }, () => ['GET', 'long']);

// The node sends replies before the end of the turn when there are many.
describe('replies', () => {
  it('wait for the end of the turn when they are few', () => {
    const lone = new LoneNode();
    const { written, send } = slowTurns(lone);
    send(['SET', 'k', 'v']);
    expect(written).toEqual([]);
    lone.node.endOfTurn();
    expect(written.map(({ bytes }) => bytes)).toEqual([5]);
  });

  it('leave before when they are many, whole and once', () => {
    const lone = new LoneNode();
    lone.send('SET', 'long', 'x'.repeat(10_000));
    const { written, send } = slowTurns(lone);
    send(...GETS);
    expect(written.map(({ bytes }) => bytes)).toEqual([10 * 10_010]);
    lone.node.endOfTurn();
    expect(written.length).toBe(1);
  });

  it('leave behind the log even then', () => {
    const lone = new LoneNode({ appendonly: 'yes' });
    lone.send('SET', 'long', 'x'.repeat(10_000));
    const { written, send } = slowTurns(lone);
    send(['SET', 'k', 'logged-word'], ...GETS);
    expect(written.map(({ inLog }) => inLog)).toEqual([true]);
  });

  it('wait for its fsync if that is asked for', () => {
    const disk = new MemoryDisk();
    const lone = new LoneNode({ appendonly: 'yes', appendfsync: 'always' }, { disk });
    lone.send('SET', 'long', 'x'.repeat(10_000));
    disk.syncAtOnce = false;
    const { written, send } = slowTurns(lone);
    send(['SET', 'k', 'logged-word'], ...GETS);
    lone.node.endOfTurn();
    expect(written).toEqual([]);
    disk.finishSyncs();
    lone.node.endOfTurn();
    expect(written.map(({ inLog }) => inLog)).toEqual([true]);
  });
});
