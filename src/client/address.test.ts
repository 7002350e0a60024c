import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from './address.js';

describe('addresses', () => {
  it('understands host, host:port, IPv6 and objects', () => {
    expect(parseAddress('localhost')).toEqual({ host: 'localhost', port: 6379 });
    expect(parseAddress('localhost:7002')).toEqual({ host: 'localhost', port: 7002 });
    expect(parseAddress('[::1]:7000')).toEqual({ host: '::1', port: 7000 });
    expect(parseAddress('fe80::1')).toEqual({ host: 'fe80::1', port: 6379 });
    expect(parseAddress({ host: 'a', port: 1 })).toEqual({ host: 'a', port: 1 });
    expect(formatAddress({ host: '::1', port: 7000 })).toBe('[::1]:7000');
  });

  it('understands URLs', () => {
    expect(parseAddress('rediss://us%40er:p%3Ass@db.example:7000/3')).toEqual({
      host: 'db.example',
      port: 7000,
      username: 'us@er',
      password: 'p:ss',
      db: 3,
      tls: true,
    });
    expect(parseAddress('valkey://[::1]')).toMatchObject({ host: '::1', port: 6379, tls: undefined });
  });

  it('says what is wrong with anything else', () => {
    for (const wrong of ['', 'a:b', 'a:70000', 'http://a', 'redis://a/x', 'redis://', 'a b']) {
      expect(() => parseAddress(wrong), wrong).toThrow('is not an address');
    }
  });
});
