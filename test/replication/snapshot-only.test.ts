/** REPLCONF rdb-only and rdb-filter-only: who wants a snapshot, or a part of it, and no replication stream. */
import { describe, expect, it } from 'vitest';
import { LoneNode } from '../support/lone-node.js';

const LIBRARY = "#!lua name=lib\nredis.register_function('answer', function() return 42 end)";

/** What a connection is sent that has said so and then asks to be synchronised. */
function synchronised(...options: string[][]): { lone: LoneNode; snapshot: string } {
  const lone = new LoneNode();
  lone.send('FUNCTION', 'LOAD', LIBRARY);
  lone.send('SET', 'key', 'value');
  for (const words of options) expect(lone.send('REPLCONF', ...words)).toBe('+OK\r\n');
  lone.send('SYNC');
  lone.advance(100);
  return { lone, snapshot: lone.takeOutput() };
}

describe('a snapshot for who is no replica', () => {
  it('is followed by nothing', () => {
    const { lone, snapshot } = synchronised(['rdb-only', '1']);
    expect(snapshot).toContain('register_function');
    expect(snapshot).toContain('value');
    lone.advance(15_000);
    expect(lone.takeOutput()).toBe('');
  });

  it('holds only functions, or nothing', () => {
    const functions = synchronised(['rdb-only', '1', 'rdb-filter-only', 'functions']).snapshot;
    expect(functions).toContain('register_function');
    expect(functions).not.toContain('value');
    const nothing = synchronised(['rdb-filter-only', '']).snapshot;
    expect(nothing).toContain('redis-ver');
    expect(nothing).not.toMatch(/register_function|value/);
  });

  it('has no other parts', () => {
    const lone = new LoneNode();
    expect(lone.send('REPLCONF', 'rdb-filter-only', 'functions keys')).toBe(
      '-ERR Unsupported rdb-filter-only option: keys\r\n',
    );
    expect(lone.send('REPLCONF', 'rdb-only', '2')).toBe(
      '-ERR value is out of range, must be between 0 and 1\r\n',
    );
    expect(lone.send('REPLCONF', 'other', '2')).toBe('-ERR Unrecognized REPLCONF option: other\r\n');
  });
});
