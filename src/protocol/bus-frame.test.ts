import { describe, expect, it } from 'vitest';
// Frames as redis-server 7.0.15 sent them, as their non-zero stretches; `ff*N` stands for N bytes 0xff.
import golden from './bus-frame.golden.json' with { type: 'json' };
import {
  type BusBody,
  type BusFrame,
  type BusHeader,
  decodeFrame,
  encodeFrame,
  HEADER_SIZE,
  MalformedFrame,
} from './bus-frame.js';
import { type Bytes, fromLatin1, latin1 } from './bytes.js';

function goldenFrame(name: keyof typeof golden): Bytes {
  const { length, at } = golden[name];
  const bytes = Buffer.alloc(length);
  for (const [start, chunk] of Object.entries(at)) {
    const hex = chunk.replace(/ff\*(\d+)/g, (_, count) => 'ff'.repeat(Number(count))).replaceAll(' ', '');
    bytes.write(hex, Number(start), 'hex');
  }
  return bytes;
}

function decoded(bytes: Bytes): BusFrame {
  const frame = decodeFrame(bytes);
  if (frame instanceof MalformedFrame) throw new Error(frame.reason);
  return frame;
}

const header: BusHeader = {
  sender: 'a'.repeat(40),
  masterId: 'b'.repeat(40),
  ip: '192.168.1.20',
  port: 7000,
  plainPort: 7100,
  busPort: 17000,
  flags: 0x3ff,
  currentEpoch: 2 ** 40 + 5,
  configEpoch: 7,
  offset: 2 ** 52 + 1,
  slots: new Uint8Array(2048).fill(0xa5),
  clusterOk: true,
  messageFlags: 3,
};

const entry = {
  id: 'c'.repeat(40),
  pingSent: 1_700_000_000_000,
  pongReceived: 4_000_000_000_000,
  ip: 'fe80:1234:5678:9abc:def0:1234:5678:9abc',
  port: 65535,
  plainPort: 1,
  busPort: 2,
  flags: 9,
};

const bodies: BusBody[] = [
  { type: 'ping', gossip: [], hostname: '' },
  { type: 'pong', gossip: [entry, { ...entry, ip: '' }], hostname: 'a-name.example' },
  { type: 'meet', gossip: [entry], hostname: '1234567' },
  { type: 'ping', gossip: [entry], hostname: 'a-name.example', shardId: 'd'.repeat(40) },
  { type: 'pong', gossip: [], hostname: '', shardId: 'd'.repeat(40) },
  { type: 'fail', nodeId: 'd'.repeat(40) },
  { type: 'publish', channel: fromLatin1('news'), message: fromLatin1('\0binary\xff') },
  { type: 'publishshard', channel: fromLatin1(''), message: fromLatin1('') },
  { type: 'auth-req' },
  { type: 'auth-ack' },
  { type: 'mfstart' },
  { type: 'update', nodeId: 'e'.repeat(40), configEpoch: 9, slots: new Uint8Array(2048).fill(1) },
  { type: 'module', moduleId: fromLatin1('12345678'), moduleType: 3, payload: fromLatin1('abc') },
];

describe('frames of a real redis-server', () => {
  for (const name of Object.keys(golden) as (keyof typeof golden)[]) {
    it(`are the same bytes after decoding and encoding: ${name}`, () => {
      const bytes = goldenFrame(name);
      const { header, body } = decoded(bytes);
      expect(Buffer.from(encodeFrame(header, body)).equals(bytes)).toBe(true);
      expect(body.type).toBe(name.replace('-gossip', ''));
    });
  }

  it('tell about the sender and the nodes it mentions', () => {
    const { header, body } = decoded(goldenFrame('pong-gossip'));
    expect(header).toMatchObject({
      sender: '7a8052137a1c7379826c6934a3b6c7d063cffc7d',
      masterId: '',
      ip: '',
      port: 24503,
      busPort: 34503,
      currentEpoch: 8,
      configEpoch: 6,
      clusterOk: true,
    });
    expect(header.slots.subarray(0, 627)).toEqual(Buffer.from([...Array(625).fill(255), 1, 0]));
    expect(body).toMatchObject({ type: 'pong', hostname: 'host-3.example' });
    if (body.type !== 'pong') return;
    expect(body.gossip.map(({ id, ip, port, busPort }) => ({ id, ip, port, busPort }))).toEqual([
      { id: 'a895be330e8c0349bfe912337fe84d9decb52259', ip: '127.0.0.1', port: 24500, busPort: 34500 },
      { id: 'f9f0af63d1659273d27360e36022659c1578ff4b', ip: '127.0.0.1', port: 24502, busPort: 34502 },
    ]);
  });

  it('carry published messages', () => {
    const { body } = decoded(goldenFrame('publish'));
    if (body.type !== 'publish') throw new Error(body.type);
    expect([latin1(body.channel), latin1(body.message)]).toEqual(['channel', 'message']);
  });
});

describe('bus frames', () => {
  for (const body of bodies) {
    it(`come out as they went in: ${body.type}`, () => {
      const frame = decoded(encodeFrame(header, body));
      expect(plain(frame.body)).toEqual(plain(body));
      const { messageFlags, ...rest } = frame.header;
      expect(plain(rest)).toEqual(plain({ ...header, messageFlags: undefined }));
      expect(messageFlags & 3).toBe(3);
    });

    it(`are refused when a byte is missing or too many: ${body.type}`, () => {
      const bytes = encodeFrame(header, body);
      expect(decodeFrame(bytes.subarray(0, -1))).toBeInstanceOf(MalformedFrame);
      expect(decodeFrame(Buffer.concat([bytes, Buffer.alloc(1)]))).toBeInstanceOf(MalformedFrame);
    });
  }

  it('cut an address that does not fit its field', () => {
    const frame = decoded(encodeFrame({ ...header, ip: 'x'.repeat(60) }, { type: 'mfstart' }));
    expect(frame.header.ip).toBe('x'.repeat(45));
  });

  it('skip extensions of types that later versions added', () => {
    const bytes = Buffer.from(encodeFrame(header, { type: 'ping', gossip: [], hostname: 'name' }));
    bytes.writeUInt16BE(77, HEADER_SIZE + 4);
    expect(decoded(bytes).body).toEqual({ type: 'ping', gossip: [], hostname: '' });
  });

  it.each([
    ['another protocol version', 9, [2]],
    ['an unknown type', 12, [0, 99]],
    ['a sender that is no node id', 40, [0]],
    ['a master that is no node id', 2128, [0x20]],
    ['an epoch beyond what is exact', 16, [0xff]],
    ['an offset beyond what is exact', 32, [0x40]],
    ['a blank in an address', 2168, [0x20]],
    ['more gossip than bytes', 14, [0xff, 0xff]],
    ['a gossip entry without a node id', HEADER_SIZE, [0]],
    ['an extension of length 0', HEADER_SIZE + 104, [0, 0, 0, 0]],
    ['an extension of odd length', HEADER_SIZE + 104, [0, 0, 0, 12]],
    ['an extension longer than the frame', HEADER_SIZE + 104, [0x80, 0, 0, 0]],
    ['more extensions than bytes', 2214, [0xff, 0xff]],
    ['a line end in a hostname', HEADER_SIZE + 112, [0x0a]],
  ])('are refused with %s', (_, offset, values) => {
    const bytes = encodeFrame(header, { type: 'ping', gossip: [entry], hostname: 'name' });
    expect(decodeFrame(bytes)).not.toBeInstanceOf(MalformedFrame);
    bytes.set(values, offset);
    expect(decodeFrame(bytes)).toBeInstanceOf(MalformedFrame);
  });

  it('never make the decoder throw, whatever bytes are changed', () => {
    let x = 12345;
    const random = (limit: number): number => {
      x = (Math.imul(x, 1103515245) + 12345) >>> 0;
      return (x >>> 8) % limit;
    };
    let refused = 0;
    for (let round = 0; round < 20_000; round++) {
      const bytes = Buffer.from(encodeFrame(header, bodies[round % bodies.length]));
      for (let changes = 1 + random(4); changes > 0; changes--) {
        // Mostly where lengths, counts and types are.
        const at =
          random(3) === 0
            ? random(bytes.length)
            : [8, 12, 14, 2214, 2253, HEADER_SIZE][random(6)] + random(8);
        if (at < bytes.length) bytes[at] = random(256);
      }
      const cut = random(4) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
      if (decodeFrame(cut) instanceof MalformedFrame) refused++;
    }
    expect(refused).toBeGreaterThan(5000);
  });
});

/** Byte strings as hex, so that views and copies compare equal. */
function plain(value: object): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, item) =>
      item?.type === 'Buffer'
        ? Buffer.from(item.data).toString('hex')
        : item instanceof Uint8Array
          ? Buffer.from(item).toString('hex')
          : item,
    ),
  );
}
