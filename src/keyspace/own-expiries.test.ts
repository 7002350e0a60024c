import { describe, expect, it } from 'vitest';
import { LoneNode } from '../../test/support/lone-node.js';

describe("a writable replica's own keys", () => {
  it('expire by themselves, while those of the master only seem to', () => {
    const lone = new LoneNode({ 'replica-read-only': 'no' });
    lone.send('SET', 'theirs', '1', 'PX', '50');
    lone.send('SET', 'begun anew', '1', 'PX', '50');
    lone.send('REPLICAOF', '127.0.0.1', '1');
    lone.send('SET', 'own', '1', 'PX', '5000');
    lone.send('SET', 'kept', '1', 'PX', '5000');
    lone.send('PERSIST', 'kept');
    expect(lone.info('slave_expires_tracked_keys')).toBe('2');
    lone.advance(200);
    expect(lone.send('GET', 'theirs')).toBe('$-1\r\n');
    expect(lone.send('INCR', 'begun anew')).toBe(':1\r\n');
    expect(lone.send('TTL', 'begun anew')).toBe(':-1\r\n');
    expect(lone.send('DBSIZE')).toBe(':4\r\n');
    lone.advance(5000);
    expect(lone.send('DBSIZE')).toBe(':3\r\n');
    expect(lone.info('slave_expires_tracked_keys')).toBe('0');
    lone.send('REPLICAOF', 'NO', 'ONE');
    lone.advance(200);
    expect(lone.send('DBSIZE')).toBe(':2\r\n');
  });
});
