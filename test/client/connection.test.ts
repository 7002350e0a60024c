import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Connection } from '../../src/client/connection.js';
import {
  ClosedError,
  ConnectError,
  ConnectionLostError,
  ReplyError,
  TimeoutError,
} from '../../src/client/errors.js';

let server: Server | undefined;
const sockets = new Set<Socket>();

/** A server that hands every received text to `answer`. */
async function serve(port: number, answer: (text: string, socket: Socket) => void): Promise<void> {
  const listening = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => answer(data.toString(), socket));
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(port, '127.0.0.1', resolve));
}

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  const closing = server;
  server = undefined;
  if (closing !== undefined) await new Promise((resolve) => closing.close(resolve));
});

const at = { host: '127.0.0.1', port: 21900 };

describe('a connection', () => {
  it('writes commands of one turn together and gives the answers in order', async () => {
    const received: string[] = [];
    await serve(at.port, (text, socket) => {
      received.push(text);
      socket.write('+one\r\n-ERR two\r\n$-1\r\n');
    });
    const connection = await Connection.open(at);
    const calls = [
      connection.call('A', 'ü'),
      connection.call('B', 5n),
      connection.call('C', Buffer.of(0, 255)),
    ];
    await expect(calls[0]).resolves.toBe('one');
    const refusal = await calls[1].catch((reason) => reason);
    expect(refusal).toBeInstanceOf(ReplyError);
    expect(refusal).toMatchObject({
      message: 'ERR two',
      code: 'ERR',
      address: '127.0.0.1:21900',
      attempts: 1,
    });
    await expect(calls[2]).resolves.toBeNull();
    expect(received).toHaveLength(1);
    expect(received[0].startsWith('*2\r\n$1\r\nA\r\n$2\r\nü\r\n*2\r\n$1\r\nB\r\n$1\r\n5\r\n')).toBe(true);
    await connection.close();
    await expect(connection.call('D')).rejects.toThrow(ClosedError);
  });

  it("sends commands under a test framework's fake timers", async () => {
    await serve(at.port, (_text, socket) => socket.write('+PONG\r\n'));
    const connection = await Connection.open(at);
    vi.useFakeTimers();
    try {
      await expect(connection.call('PING')).resolves.toBe('PONG');
    } finally {
      vi.useRealTimers();
    }
    await connection.close();
  });

  it('names the address when nobody listens', async () => {
    const refused = Connection.open({ host: '127.0.0.1', port: 21901 });
    await expect(refused).rejects.toThrow(ConnectError);
    await expect(refused).rejects.toThrow(/127\.0\.0\.1:21901.*ECONNREFUSED/);
  });

  it('gives up a server that accepts and never answers the handshake', async () => {
    await serve(at.port, () => {});
    const opening = Connection.open({ ...at, resp: 3, connectTimeout: 50 });
    await expect(opening).rejects.toThrow('could not connect to 127.0.0.1:21900: no answer within 50 ms');
  });

  it('speaks RESP2 with a server that has no HELLO', async () => {
    const received: string[] = [];
    await serve(at.port, (text, socket) => {
      received.push(text);
      socket.write(text.includes('HELLO') ? "-ERR unknown command 'HELLO'\r\n" : '+OK\r\n');
    });
    const connection = await Connection.open({ ...at, resp: 3, password: 'secret' });
    expect(received[1]).toBe('*2\r\n$4\r\nAUTH\r\n$6\r\nsecret\r\n');
    connection.destroy();
  });

  it('times out a command in flight, says that its outcome is unknown, and ends a silent connection', async () => {
    await serve(at.port, () => {});
    const closed = new Promise<Error | undefined>((onClose) => {
      void Connection.open({ ...at, commandTimeout: 60, onClose }).then(async (connection) => {
        const error = await connection.call('GET', 'k').catch((reason) => reason);
        expect(error).toBeInstanceOf(TimeoutError);
        expect(error.outcome).toBe('unknown');
        expect(error.message).toContain('127.0.0.1:21900');
      });
    });
    expect((await closed)?.message).toBe('no answer for 60 ms');
  });

  it('rejects what is in flight when the server hangs up', async () => {
    await serve(at.port, (_, socket) => socket.destroy());
    const connection = await Connection.open(at);
    const error = await connection.call('INCR', 'k').catch((reason) => reason);
    expect(error).toBeInstanceOf(ConnectionLostError);
    expect(error.outcome).toBe('unknown');
    expect(connection.closed).toBe(true);
  });

  it('ends a connection that sends what is not RESP, or what nobody asked for', async () => {
    await serve(at.port, (_, socket) => socket.write('HTTP/1.1 400 Bad Request\r\n'));
    const connection = await Connection.open(at);
    await expect(connection.call('PING')).rejects.toThrow('a reply starts with "H"');
  });

  it('tells when the server reads more slowly than commands are written', async () => {
    let reader: Socket | undefined;
    let tail = '';
    await serve(at.port, (text, socket) => {
      reader = socket;
      if (text.includes('PAUSE')) socket.pause();
      tail = (tail + text).slice(-5);
      if (tail === 'END\r\n') socket.write('+OK\r\n'.repeat(101));
    });
    const connection = await Connection.open({ ...at, commandTimeout: 10_000 });
    const calls = [connection.call('PAUSE')];
    await connection.writable();
    while (reader === undefined) await sleep(5);
    for (let i = 0; i < 99; i++) calls.push(connection.call('SET', 'k', 'x'.repeat(200_000)));
    calls.push(connection.call('END'));
    let resumed = false;
    const writable = connection.writable().then(() => expect(resumed).toBe(true));
    await sleep(20);
    resumed = true;
    reader.resume();
    await writable;
    expect(await Promise.all(calls)).toHaveLength(101);
    await connection.close();
  });

  it('answers what is due before it closes', async () => {
    await serve(at.port, (_, socket) => socket.write('+late\r\n'));
    const connection = await Connection.open(at);
    const call = connection.call('PING');
    const closing = connection.close();
    await expect(connection.call('PING')).rejects.toThrow(ClosedError);
    await closing;
    await expect(call).resolves.toBe('late');
  });
});
