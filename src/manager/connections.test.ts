import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { withConnections } from './connections.js';

it('thinks of TLS when a node hangs up before it has said anything', async () => {
  const server = createServer((socket) => socket.once('data', () => socket.destroy()));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const ping = withConnections({ password: 'x' }, (nodes) =>
      nodes.call({ host: '127.0.0.1', port }, 'PING'),
    );
    await expect(ping).rejects.toMatchObject({
      code: 'UNREACHABLE',
      hint: 'If it speaks TLS only, use --tls.',
    });
  } finally {
    server.close();
  }
});
