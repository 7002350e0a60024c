import { beforeEach, describe, expect, it } from 'vitest';
import { LoneNode } from '../../test/support/lone-node.js';
import type { LinkHandler } from './host.js';
import { NO_LINK } from './no-link.js';

describe('the time that MIGRATE gives its target', () => {
  let lone: LoneNode;
  let target: LinkHandler;

  function answers(text: string): void {
    const bytes = Buffer.from(text);
    target.received(bytes, 0, bytes.length);
    lone.advance(0);
  }

  beforeEach(() => {
    lone = new LoneNode(
      {},
      {
        dial: (_host, _port, handler) => {
          target = handler;
          return NO_LINK;
        },
      },
    );
    lone.send('SET', 'k', 'v');
    expect(lone.send('MIGRATE', '127.0.0.1', '7000', 'k', '0', '10')).toBe('');
  });

  it('begins anew when the connection is there', () => {
    lone.advance(8);
    target.connected?.();
    lone.advance(8);
    answers('+OK\r\n+OK\r\n');
    expect(lone.takeOutput()).toBe('+OK\r\n');
  });

  it('leaves a turn to read what has come while the node was busy', () => {
    lone.advance(10);
    target.connected?.();
    lone.advance(10);
    answers('+OK\r\n+OK\r\n');
    expect(lone.takeOutput()).toBe('+OK\r\n');
  });

  it('is over then', () => {
    lone.advance(11);
    expect(lone.takeOutput()).toBe('-IOERR error or timeout connecting to the client\r\n');
  });
});
