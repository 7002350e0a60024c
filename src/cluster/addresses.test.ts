import { describe, expect, it } from 'vitest';
import { announcedPorts, normalizeIp } from './addresses.js';
import { DEFAULT_CLUSTER_OPTIONS } from './environment.js';

describe('IP literals', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
    ['::', '::'],
    ['FE80:0:0:0:0:0:0:1', 'fe80::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::ffff:1.2.3.4', '::ffff:1.2.3.4'],
    ['::1.2.3.4', '::1.2.3.4'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ])('normalises %s', (text, canonical) => expect(normalizeIp(text)).toBe(canonical));

  it.each([
    '',
    'localhost',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '12345::',
    ':1',
    '1:',
    '::g',
  ])('refuses %j', (text) => expect(normalizeIp(text)).toBeNull());
});

describe('announced ports', () => {
  const options = { ...DEFAULT_CLUSTER_OPTIONS, port: 7000 };

  it('are the listening ones, the bus 10000 above', () => {
    expect(announcedPorts(options)).toEqual({ port: 7000, plainPort: 0, busPort: 17000 });
  });

  it('follow cluster-port and cluster-announce-*', () => {
    expect(announcedPorts({ ...options, busPort: 9000 }).busPort).toBe(9000);
    const announced = announcedPorts({ ...options, announcePort: 80, announceBusPort: 81 });
    expect(announced).toEqual({ port: 80, plainPort: 0, busPort: 81 });
  });

  it('are the TLS port and the plaintext port in a TLS cluster', () => {
    const tls = { ...options, tlsCluster: true, tlsPort: 7100 };
    expect(announcedPorts(tls)).toEqual({ port: 7100, plainPort: 7000, busPort: 17100 });
    const announced = { ...tls, announceTlsPort: 443, announcePort: 80 };
    expect(announcedPorts(announced)).toEqual({ port: 443, plainPort: 80, busPort: 17100 });
    expect(announcedPorts({ ...tls, announcePort: 443 })).toEqual({
      port: 443,
      plainPort: 7000,
      busPort: 17100,
    });
  });
});
