/**
 * Whether a port can be listened on, before CONFIG SET answers.
 *
 * Node.js says so only later. A thread of its own tries, while this one waits: some ten milliseconds, for a command
 * that is given once in a while.
 */
import { Worker } from 'node:worker_threads';
import { plainHost } from './listener.js';

/** What the thread answers in the first four bytes; the complaint's bytes follow. */
const ANSWER = { fine: 1, refused: 2 } as const;
const MOST_MILLISECONDS = 5000;
const TEXT_AT = 8;

const PROBE = `
const { workerData: { shared, hosts, port } } = require('node:worker_threads');
const { createServer } = require('node:net');
const flag = new Int32Array(shared, 0, 2);
const answer = (code, text) => {
  flag[1] = new TextEncoder().encodeInto(text, new Uint8Array(shared, ${TEXT_AT})).written;
  Atomics.store(flag, 0, code);
  Atomics.notify(flag, 0);
};
const servers = [];
const next = (i) => {
  if (i === hosts.length) {
    let open = servers.length;
    if (open === 0) answer(${ANSWER.fine}, '');
    for (const server of servers) server.close(() => --open === 0 && answer(${ANSWER.fine}, ''));
    return;
  }
  const { host, optional } = hosts[i];
  const server = createServer();
  server.once('error', (error) => {
    if (optional && error.code !== 'EADDRINUSE') next(i + 1);
    else answer(${ANSWER.refused}, error.message);
  });
  server.listen({ host, port, exclusive: true, ipv6Only: host.includes(':') }, () => {
    servers.push(server);
    next(i + 1);
  });
};
next(0);
`;

/** Why the port can't be listened on at these entries of `bind`; undefined when it can. */
export function portProblem(bind: readonly string[], port: number): string | undefined {
  const hosts = bind.map((entry) => {
    const optional = entry.startsWith('-');
    return { host: plainHost(optional ? entry.slice(1) : entry), optional };
  });
  const shared = new SharedArrayBuffer(1024);
  const flag = new Int32Array(shared, 0, 2);
  const worker = new Worker(PROBE, { eval: true, workerData: { shared, hosts, port } });
  const outcome = Atomics.wait(flag, 0, 0, MOST_MILLISECONDS);
  void worker.terminate();
  if (outcome === 'timed-out') return 'the system does not answer';
  if (flag[0] === ANSWER.fine) return undefined;
  return new TextDecoder().decode(new Uint8Array(shared, TEXT_AT, flag[1]).slice());
}
