/** REPLCONF rdb-only and rdb-filter-only: who wants a snapshot, or a part of it, and no replication stream. */
import { describe, expect, it } from 'vitest';
import { connect, LoneNode } from '../support/lone-node.js';

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

  it('is all that the connection was for', () => {
    const lone = new LoneNode();
    const client = connect(lone);
    client.send('REPLCONF', 'rdb-only', '1', 'capa', 'eof');
    client.send('SYNC');
    lone.send('SET', 'key', 'value'); // nobody keeps it for the client
    lone.advance(100);
    expect(client.output).toMatch(/^\$EOF:(.{40})\r\nREDIS.*\1$/s);
    expect(client.closed).toBe(true);
    expect(lone.info('connected_slaves')).toBe('0');
  });

  it('in part comes only in a stream', () => {
    const lone = new LoneNode();
    lone.send('REPLCONF', 'rdb-filter-only', 'functions');
    expect(lone.send('SYNC')).toBe('-ERR Filtered replica requires EOF capability\r\n');
  });

  it('holds only functions, or nothing', () => {
    const functions = synchronised(['capa', 'eof', 'rdb-only', '1', 'rdb-filter-only', 'FUNCTIONS']).snapshot;
    expect(functions).toContain('register_function');
    expect(functions).not.toContain('value');
    const nothing = synchronised(['capa', 'eof', 'rdb-filter-only', '']).snapshot;
    expect(nothing).toContain('redis-ver');
    expect(nothing).not.toMatch(/register_function|value/);
  });

  it('has no other parts', () => {
    const lone = new LoneNode();
    expect(lone.send('REPLCONF', 'rdb-filter-only', 'functions keys')).toBe(
      '-ERR Unsupported rdb-filter-only option: keys\r\n',
    );
    expect(lone.send('REPLCONF', 'rdb-filter-only', '"')).toBe('-ERR Missing rdb-filter-only values\r\n');
    expect(lone.send('REPLCONF', 'rdb-only', 'yes')).toBe('-ERR value is not an integer or out of range\r\n');
    expect(lone.send('REPLCONF', 'rdb-only', '2')).toBe(
      '-ERR value is out of range, value must between 0 and 1\r\n',
    );
    expect(lone.send('REPLCONF', 'other', '2')).toBe('-ERR Unrecognized REPLCONF option: other\r\n');
  });
});
