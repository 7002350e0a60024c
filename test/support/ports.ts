/** Ports for a test's own servers: nobody listens on them, and they lie below those of outgoing connections. */
import { createServer } from 'node:net';

const LOWEST = 12_000;
const HIGHEST = 22_000;
const BUS = 10_000;
const ATTEMPTS = 100;

/** The first of `count` free ports in a row whose bus ports (10,000 above) are free as well. */
export async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const first = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST - count));
    const ports = Array.from({ length: count }, (_, i) => first + i);
    const free = await Promise.all([...ports, ...ports.map((port) => port + BUS)].map(isFree));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`no ${count} free ports in a row`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((fulfil) => {
    const probe = createServer();
    probe.once('error', () => fulfil(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => fulfil(true)));
  });
}
