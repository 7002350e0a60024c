/** The CLI against servers that misbehave, played by a socket in this process. */
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Connection, ConnectionError } from '../../src/cli/connection.js';
import type { OutputStyle } from '../../src/cli/render.js';
import { Session, type SessionSettings } from '../../src/cli/session.js';
import { latin1 } from '../../src/protocol/bytes.js';
import { ReplyFormatError } from '../../src/protocol/reply-tree.js';
import { freePorts } from '../support/ports.js';

const PORT = await freePorts(1);
const address = { host: '127.0.0.1', port: PORT };
const style: OutputStyle = { format: 'standard', elementDelimiter: '\n', replyDelimiter: '\n' };

let server: Server | undefined;
const sockets: Socket[] = [];

/** Calls `answer` with every chunk that a client sends, and the client's number. */
async function serve(answer: (socket: Socket, text: string, client: number) => void): Promise<void> {
  server = createServer((socket) => {
    const client = sockets.push(socket);
    socket.on('data', (bytes) => answer(socket, latin1(bytes), client));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server?.listen(PORT, '127.0.0.1', resolve));
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

/** A session, and everything it has printed. */
function session(changes: Partial<SessionSettings> = {}): { session: Session; printed: string[] } {
  const printed: string[] = [];
  const settings: SessionSettings = {
    address,
    db: 0,
    resp3: 'no',
    cluster: false,
    style,
    showPushes: true,
    interactive: true,
    failOnError: false,
    interval: 0,
    ...changes,
  };
  const output = {
    write: (text: string) => void printed.push(text),
    writeError: (text: string) => void printed.push(text),
  };
  return { session: new Session(settings, output), printed };
}

describe('a connection', () => {
  it('puts replies together from pieces', async () => {
    await serve((socket) => {
      socket.write('*2\r\n$3\r\nab');
      setImmediate(() => socket.write('c\r\n:1\r\n+next\r\n'));
    });
    const connection = await Connection.open(address);
    connection.send(['anything']);
    const first = await connection.receive(5000);
    expect(first.type === 'array' && first.items).toHaveLength(2);
    expect(await connection.receive(5000)).toMatchObject({ type: 'simple' });
    connection.close();
  });

  it('hands out what came before the end, then says that it ended', async () => {
    await serve((socket) => socket.end('+OK\r\n$10\r\nhalf'));
    const connection = await Connection.open(address);
    connection.send(['anything']);
    expect(await connection.receive(5000)).toMatchObject({ type: 'simple' });
    await expect(connection.receive(5000)).rejects.toThrow('Server closed the connection');
    await expect(connection.receive(5000)).rejects.toThrow(ConnectionError);
  });

  it('rejects what is no reply', async () => {
    await serve((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const connection = await Connection.open(address);
    connection.send(['anything']);
    await expect(connection.receive(5000)).rejects.toThrow(ReplyFormatError);
    connection.close();
  });

  it('does not wait longer than it was told', async () => {
    await serve(() => {});
    const connection = await Connection.open(address);
    connection.send(['anything']);
    await expect(connection.receive(10)).rejects.toThrow('Timed out waiting for a reply');
    connection.close();
  });

  it('fails in the words of the system', async () => {
    await expect(Connection.open({ host: '127.0.0.1', port: 23198 })).rejects.toThrow('Connection refused');
    await expect(Connection.open({ path: '/nonexistent' })).rejects.toThrow('No such file or directory');
  });
});

describe('a session', () => {
  it('says when the connection is lost, and opens it again for the next command', async () => {
    await serve((socket, _text, client) => (client === 1 ? socket.destroy() : socket.write('+PONG\r\n')));
    const { session: user, printed } = session();
    await user.connect();
    expect(user.prompt).toBe(`127.0.0.1:${PORT}> `);
    expect(await user.issue(['ping'])).toBe(false);
    expect(user.prompt).toBe('not connected> ');
    expect(await user.issue(['ping'])).toBe(true);
    expect(printed).toEqual([expect.stringMatching(/^Error: (Server closed|Connection reset)/), 'PONG\n']);
    user.close();
  });

  it('never sends a command again by itself', async () => {
    const received: string[] = [];
    await serve((socket, text) => {
      received.push(text);
      socket.destroy();
    });
    const { session: user } = session();
    await user.issue(['incr', 'x']);
    expect(received).toHaveLength(1);
  });

  it('gives up on redirections that lead nowhere', async () => {
    await serve((socket) => socket.write(`-MOVED 1 127.0.0.1:${PORT}\r\n`));
    const { session: user, printed } = session({ cluster: true });
    expect(await user.issue(['get', 'x'])).toBe(false);
    expect(printed.at(-1)).toBe('Error: gave up after 16 redirections\n');
    user.close();
  });

  it('stays on its host when a node does not know its own', async () => {
    await serve((socket, _text, client) =>
      socket.write(client === 1 ? `-MOVED 1 :${PORT}\r\n` : '$1\r\nv\r\n'),
    );
    const { session: user, printed } = session({ cluster: true });
    expect(await user.issue(['get', 'x'])).toBe(true);
    expect(printed).toEqual([`-> Redirected to slot [1] located at 127.0.0.1:${PORT}\n`, '"v"\n']);
    user.close();
  });

  it('prints pushes before the reply they precede, or drops them', async () => {
    await serve((socket) => socket.write('>2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n+PONG\r\n'));
    const loud = session();
    await loud.session.issue(['ping']);
    expect(loud.printed).toEqual(["-> invalidate: 'k'\n", 'PONG\n']);
    loud.session.close();
    const quiet = session({ showPushes: false });
    await quiet.session.issue(['ping']);
    expect(quiet.printed).toEqual(['PONG\n']);
    quiet.session.close();
  });

  it('ends a subscription when interrupted and is ready again', async () => {
    await serve((socket, text) =>
      socket.write(text.includes('subscribe') ? '*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n' : '+PONG\r\n'),
    );
    const { session: user, printed } = session();
    expect(user.interrupt()).toBe(false);
    await user.connect();
    const subscribed = user.issue(['subscribe', 'c']);
    await expect.poll(() => printed.length).toBe(2);
    expect(user.interrupt()).toBe(true);
    expect(await subscribed).toBe(true);
    expect(await user.issue(['ping'])).toBe(true);
    expect(printed.at(-1)).toBe('PONG\n');
    user.close();
  });
});
