import { beforeEach, describe, expect, it } from 'vitest';
import { type Dialled, LoneNode } from '../../test/support/lone-node.js';

describe('the time that MIGRATE gives its target', () => {
  let lone: LoneNode;
  let target: Dialled;

  beforeEach(() => {
    lone = new LoneNode();
    lone.send('SET', 'k', 'v');
    expect(lone.send('MIGRATE', '127.0.0.1', '7000', 'k', '0', '10')).toBe('');
    [target] = lone.dialled;
  });

  it('begins anew when the connection is there', () => {
    lone.advance(8);
    target.connected();
    lone.advance(8);
    target.receive('+OK\r\n+OK\r\n');
    expect(lone.takeOutput()).toBe('+OK\r\n');
  });

  it('leaves a turn to read what has come while the node was busy', () => {
    lone.advance(10);
    target.connected();
    lone.advance(10);
    target.receive('+OK\r\n+OK\r\n');
    expect(lone.takeOutput()).toBe('+OK\r\n');
  });

  it('is over then', () => {
    lone.advance(11);
    expect(lone.takeOutput()).toBe('-IOERR error or timeout connecting to the client\r\n');
  });
});
