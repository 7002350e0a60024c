import { describe, expect, it } from 'vitest';
import { type BusHeader, decodeFrame, encodeFrame, MalformedFrame } from './bus-frame.js';
import { BusFrameSplitter, MAX_FRAME_SIZE } from './bus-splitter.js';
import { type Bytes, concat, fromLatin1 } from './bytes.js';

const header: BusHeader = {
  sender: 'a'.repeat(40),
  masterId: '',
  ip: '',
  port: 1,
  plainPort: 0,
  busPort: 2,
  flags: 1,
  currentEpoch: 1,
  configEpoch: 1,
  offset: 0,
  slots: new Uint8Array(2048),
  clusterOk: true,
  messageFlags: 0,
};

const frames = [
  encodeFrame(header, { type: 'mfstart' }),
  encodeFrame(header, { type: 'publish', channel: fromLatin1('c'), message: new Uint8Array(20_000) }),
  encodeFrame(header, { type: 'ping', gossip: [], hostname: 'host' }),
];
const stream = concat(frames);

function split(pieces: Bytes[]): { lengths: number[]; inStep: boolean; pending: number } {
  const splitter = new BusFrameSplitter();
  const lengths: number[] = [];
  let inStep = true;
  for (const piece of pieces) {
    inStep &&= splitter.push(piece, 0, piece.length, (frame) => {
      expect(decodeFrame(frame)).not.toBeInstanceOf(MalformedFrame);
      lengths.push(frame.length);
      return true;
    });
  }
  return { lengths, inStep, pending: splitter.pendingBytes };
}

const whole = frames.map((frame) => frame.length);

describe('the frame splitter', () => {
  it('cuts a chunk with several frames', () => {
    expect(split([stream])).toEqual({ lengths: whole, inStep: true, pending: 0 });
  });

  it.each([
    1, 3, 7, 8, 9, 100, 2255, 2256, 2257, 5000,
  ])('puts frames together from pieces of %i bytes', (size) => {
    const pieces: Bytes[] = [];
    for (let at = 0; at < stream.length; at += size) pieces.push(stream.slice(at, at + size));
    expect(split(pieces)).toEqual({ lengths: whole, inStep: true, pending: 0 });
  });

  it('waits for the rest of a frame', () => {
    expect(split([stream.subarray(0, 3000)])).toEqual({ lengths: [2256], inStep: true, pending: 744 });
  });

  it('hands out nothing more once the receiver has had enough', () => {
    const splitter = new BusFrameSplitter();
    let calls = 0;
    expect(
      splitter.push(stream, 0, stream.length, () => {
        calls++;
        return false;
      }),
    ).toBe(true);
    expect(calls).toBe(1);
  });

  it.each([
    ['another signature', Buffer.from('GET / HTTP/1.1\r\n')],
    ['a length below the header', Buffer.from('52436d6200000010', 'hex')],
    ['a length beyond all messages', Buffer.from(`52436d62${(MAX_FRAME_SIZE + 1).toString(16)}`, 'hex')],
  ])('gives up a stream with %s, whole or byte by byte', (_, bytes) => {
    expect(split([bytes]).inStep).toBe(false);
    expect(split([...bytes].map((byte) => Uint8Array.of(byte))).inStep).toBe(false);
  });

  it('holds no more than came of a frame that is said to be huge', () => {
    const splitter = new BusFrameSplitter();
    const start = Buffer.from('52436d6220000000', 'hex');
    expect(splitter.push(start, 0, 8, () => true)).toBe(true);
    expect(splitter.pendingBytes).toBe(8);
  });
});
