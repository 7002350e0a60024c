/**
 * npm run bench: everything, or the parts named: `server`, `families`, `memory`, `startup`, `client`, `failover`,
 * `persistence`. Each part runs its peer in the same run on the same machine and prints a table with ratios; absolute
 * numbers mean little anywhere else.
 *
 *     npm run bench
 *     npm run bench -- server
 *     npm run bench -- server 16 100             # these depths
 *     npm run bench -- families XADD XRANGE_10     # or 16: at this depth
 *     npm run bench -- memory strings streams
 *     npm run bench -- persistence loading       # or fsync, snapshots
 *     npm run bench -- client engine=hexis commands=get,mget inFlight=64     # see client.ts for the words
 */
import { benchmarkClients } from './client.js';
import { startCluster, whenAgreed, whenReady } from './cluster.js';
import { benchmarkFailover } from './failover.js';
import { benchmarkFamilies } from './families.js';
import { benchmarkMemory } from './memory.js';
import { benchmarkPersistence } from './persistence.js';
import { Workshop } from './processes.js';
import { benchmarkServers } from './server.js';
import { benchmarkStartup } from './startup.js';

/** The clients on a cluster of six nodes of the engine that is named, or on the cluster whose nodes are given. */
async function benchmarkClientsSomewhere(words: readonly string[]): Promise<string> {
  const nodes = words.filter((word) => !word.includes('='));
  if (nodes.length > 0) return benchmarkClients(nodes, words);
  const workshop = new Workshop();
  try {
    const engine = words.includes('engine=hexis') ? 'hexis' : 'redis-server';
    const { ports } = await startCluster(workshop, engine);
    await whenReady(ports);
    await whenAgreed(ports);
    return await benchmarkClients(
      ports.map((port) => `127.0.0.1:${port}`),
      words,
    );
  } finally {
    await workshop.close();
  }
}

const parts: Readonly<Record<string, (args: readonly string[]) => Promise<string>>> = {
  server: benchmarkServers,
  families: benchmarkFamilies,
  memory: benchmarkMemory,
  startup: benchmarkStartup,
  client: benchmarkClientsSomewhere,
  persistence: benchmarkPersistence,
  failover: benchmarkFailover,
};

const [part, ...rest] = process.argv.slice(2);
if (part !== undefined && !Object.hasOwn(parts, part)) {
  console.error(`no benchmark '${part}'; there are ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}
for (const [name, benchmark] of Object.entries(parts)) {
  if (part !== undefined && part !== name) continue;
  console.log(`── ${name}`);
  console.log(`${await benchmark(rest)}\n`);
}
process.exit(0);
