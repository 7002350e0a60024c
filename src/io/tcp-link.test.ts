import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Link, LinkHandler } from '../node/host.js';
import { allocateZeroed, fromLatin1, latin1 } from '../protocol/bytes.js';
import { Listener } from './listener.js';
import { fastStreams } from './stream-binding.js';
import { TcpLink } from './tcp-link.js';

/** Notes what a link tells, and lets tests wait for it. */
class Recorder implements LinkHandler {
  link!: Link;
  text = '';
  bytes = 0;
  reasons: string[] = [];
  isConnected = false;
  onReceived: () => void = () => {};
  private readonly waiting: { ready: () => boolean; resolve: () => void }[] = [];

  connected(): void {
    this.isConnected = true;
    this.wake();
  }

  received(bytes: Uint8Array, start: number, end: number): void {
    this.bytes += end - start;
    if (this.bytes < 1000) this.text += latin1(bytes, start, end);
    this.onReceived();
    this.wake();
  }

  closed(reason: string): void {
    this.reasons.push(reason);
    this.wake();
  }

  until(ready: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push({ ready, resolve });
      this.wake();
    });
  }

  private wake(): void {
    for (const { ready, resolve } of this.waiting) if (ready()) resolve();
  }
}

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const action of cleanUp.splice(0)) await action();
});

/** A listener whose links go to recorders. */
async function serve(welcome: (link: Link) => void = () => {}) {
  const accepted: Recorder[] = [];
  let noteAccepted: (recorder: Recorder) => void = () => {};
  const first = new Promise<Recorder>((resolve) => {
    noteAccepted = resolve;
  });
  const listener = new Listener({
    accept(link) {
      const recorder = new Recorder();
      recorder.link = link;
      welcome(link);
      accepted.push(recorder);
      noteAccepted(recorder);
      return recorder;
    },
    failed: (reason) => expect.fail(reason),
    backlog: 10,
    keepAlive: 0,
  });
  const port = await listener.listen(['127.0.0.1'], 0);
  listener.begin();
  cleanUp.push(() => listener.close());
  return { listener, port, accepted, first };
}

async function client(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  cleanUp.push(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

function dial(port: number, host = '127.0.0.1') {
  const recorder = new Recorder();
  const links = new Set<TcpLink>();
  recorder.link = TcpLink.dial({ host, port, localAddress: '' }, links, recorder);
  cleanUp.push(() => recorder.link.destroy());
  return { recorder, links };
}

function write(link: Link, text: string): void {
  const bytes = fromLatin1(text);
  link.write(bytes, 0, bytes.length);
}

async function readAll(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}

describe('an accepted link', () => {
  it('receives and sends, and knows both ends', async () => {
    const { port, first } = await serve();
    const socket = await client(port);
    const recorder = await first;
    socket.write('hello');
    await recorder.until(() => recorder.text === 'hello');
    write(recorder.link, 'there');
    const [answer] = await once(socket, 'data');
    expect(answer.toString()).toBe('there');
    expect(recorder.link).toMatchObject({
      remoteAddress: '127.0.0.1',
      remotePort: socket.localPort,
      localPort: port,
      buffered: 0,
    });
  });

  it('closes behind what was written, even to a peer that never hangs up', async () => {
    const { port, first, listener } = await serve();
    const socket = await client(port);
    const recorder = await first;
    write(recorder.link, 'bye');
    recorder.link.close();
    write(recorder.link, 'too late');
    expect(await readAll(socket)).toBe('bye'); // allowHalfOpen: we send no FIN
    await recorder.until(() => recorder.reasons.length > 0);
    expect(recorder.reasons).toHaveLength(1);
    expect(listener.links.size).toBe(0);
  });

  it('can be turned away at once, with a word', async () => {
    const { port, first } = await serve((link) => {
      write(link, '-ERR max number of clients reached\r\n');
      link.close();
    });
    const socket = await client(port);
    expect(await readAll(socket)).toBe('-ERR max number of clients reached\r\n');
    const recorder = await first;
    await recorder.until(() => recorder.reasons.length === 1);
  });

  it('keeps the order of what the system takes late, and counts it', async () => {
    const { port, first } = await serve();
    const socket = await client(port);
    socket.pause();
    const recorder = await first;
    const big = allocateZeroed(8 * 1024 * 1024);
    const kept = !recorder.link.write(big, 0, big.length);
    expect(kept).toBe(fastStreams !== undefined); // the public API gets a copy
    expect(recorder.link.buffered).toBeGreaterThan(0);
    write(recorder.link, 'the end');
    recorder.link.close();
    let length = 0;
    let last = '';
    for await (const chunk of socket) {
      length += chunk.length;
      last = chunk.subarray(-7).toString();
    }
    expect(length).toBe(big.length + 7);
    expect(last).toBe('the end');
    await recorder.until(() => recorder.reasons.length === 1);
    expect(recorder.link.buffered).toBe(0);
  });

  it('ends when the peer ends, having sent what it was owed', async () => {
    const { port, first } = await serve();
    const socket = await client(port);
    const recorder = await first;
    recorder.onReceived = () => write(recorder.link, 'answer');
    socket.end('question');
    expect(await readAll(socket)).toBe('answer');
    await recorder.until(() => recorder.reasons.length === 1);
  });

  it('survives a reset, told once', async () => {
    const { port, first } = await serve();
    const socket = await client(port);
    const recorder = await first;
    socket.resetAndDestroy();
    await recorder.until(() => recorder.reasons.length > 0);
    write(recorder.link, 'into the void');
    recorder.link.close();
    recorder.link.destroy();
    await new Promise(setImmediate);
    expect(recorder.reasons).toHaveLength(1);
  });

  it('reads nothing while it is paused', async () => {
    const { port, first } = await serve();
    const socket = await client(port);
    const recorder = await first;
    recorder.onReceived = () => recorder.link.pause();
    socket.write('one');
    await recorder.until(() => recorder.text === 'one');
    socket.write(' two');
    // A round trip through another connection: by then ' two' would have been read.
    const other = await client(port);
    other.end();
    await once(other.resume(), 'end');
    expect(recorder.text).toBe('one');
    recorder.link.resume();
    await recorder.until(() => recorder.text === 'one two');
  });
});

describe('a dialled link', () => {
  it('sends small frames at once, without waiting for the word that the last has arrived', async () => {
    const server = createServer().listen(0, '127.0.0.1'); // unlike ours it leaves its own connections as they are
    cleanUp.push(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { _handle } = (await client(port)) as unknown as { _handle: { setNoDelay(on: boolean): void } };
    const setNoDelay = vi.spyOn(Object.getPrototypeOf(_handle), 'setNoDelay');
    cleanUp.push(() => setNoDelay.mockRestore());
    const { recorder } = dial(port);
    await recorder.until(() => recorder.isConnected);
    expect(setNoDelay.mock.calls).toEqual([[true]]);
  });

  it('connects, then talks in the order of writing', async () => {
    const { port, first } = await serve();
    const { recorder, links } = dial(port);
    write(recorder.link, 'early ');
    expect(recorder.isConnected).toBe(false);
    await recorder.until(() => recorder.isConnected);
    write(recorder.link, 'late');
    const other = await first;
    await other.until(() => other.text === 'early late');
    expect(recorder.link.remotePort).toBe(port);
    expect(recorder.link.localPort).toBe(other.link.remotePort);
    expect(links.size).toBe(1);
  });

  it.each([
    ['a port nobody listens on', 1],
    ['a port that there is not', 700_000],
  ])('hears closed once, later, for %s', async (_, port) => {
    const { recorder, links } = dial(port);
    expect(recorder.reasons).toEqual([]);
    await recorder.until(() => recorder.reasons.length > 0);
    await new Promise(setImmediate);
    expect(recorder.reasons).toHaveLength(1);
    expect(recorder.reasons[0]).not.toBe('connection closed');
    expect(recorder.isConnected).toBe(false);
    expect(links.size).toBe(0);
  });

  it('destroyed while dialling hears closed and nothing else', async () => {
    const { port } = await serve();
    const { recorder } = dial(port);
    recorder.link.destroy();
    await recorder.until(() => recorder.reasons.length > 0);
    expect(recorder.isConnected).toBe(false);
    expect(recorder.reasons).toHaveLength(1);
  });
});

describe('Listener', () => {
  it('frees its ports and closes its links', async () => {
    const { listener, port, first } = await serve();
    const socket = await client(port);
    const recorder = await first;
    const ended = readAll(socket);
    await listener.close();
    await ended;
    await recorder.until(() => recorder.reasons.length === 1);
    const server: Server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    server.close();
  });

  it('says which port is in use', async () => {
    const { port } = await serve();
    const second = new Listener({ accept: () => new Recorder(), failed() {}, backlog: 1, keepAlive: 0 });
    await expect(second.listen(['127.0.0.1'], port)).rejects.toThrow(`Failed listening on port ${port}`);
  });

  it('does without an address that is optional', async () => {
    const listener = new Listener({ accept: () => new Recorder(), failed() {}, backlog: 1, keepAlive: 0 });
    cleanUp.push(() => listener.close());
    const port = await listener.listen(['127.0.0.1', '-192.0.2.1'], 0);
    expect(port).toBeGreaterThan(0);
    await expect(listener.listen(['192.0.2.1'], 0)).rejects.toThrow('no such address');
  });

  it('lets early connections wait for begin', async () => {
    const handled: Recorder[] = [];
    const listener = new Listener({
      accept(link) {
        const recorder = new Recorder();
        recorder.link = link;
        recorder.onReceived = () => write(link, recorder.text.toUpperCase());
        handled.push(recorder);
        return recorder;
      },
      failed() {},
      backlog: 5,
      keepAlive: 0,
    });
    cleanUp.push(() => listener.close());
    const socket = await client(await listener.listen(['127.0.0.1'], 0));
    socket.write('early');
    await new Promise(setImmediate);
    expect(handled).toHaveLength(0);
    listener.begin();
    const [answer] = await once(socket, 'data');
    expect(answer.toString()).toBe('EARLY');
  });
});
