/**
 * npm run bench: everything, or the parts named: `server`, `startup`, `client`, `failover`. Each part runs its peer in the same run
 * on the same machine and prints a table with ratios; absolute numbers mean little anywhere else.
 *
 *     npm run bench
 *     npm run bench -- server
 *     npm run bench -- client localhost:7000     # on a cluster that is there already
 */
import { benchmarkClients, clientTable } from './client.js';
import { startCluster, whenReady } from './cluster.js';
import { benchmarkFailover } from './failover.js';
import { Workshop } from './processes.js';
import { benchmarkServers } from './server.js';
import { benchmarkStartup } from './startup.js';

/** The clients on a cluster of six real redis-servers, or on the one given. */
async function benchmarkClientsSomewhere(nodes: readonly string[]): Promise<string> {
  if (nodes.length > 0) return clientTable(await benchmarkClients(nodes));
  const workshop = new Workshop();
  try {
    const { ports } = await startCluster(workshop, 'redis-server');
    await whenReady(ports);
    return clientTable(await benchmarkClients(ports.map((port) => `127.0.0.1:${port}`)));
  } finally {
    await workshop.close();
  }
}

const parts: Readonly<Record<string, (args: readonly string[]) => Promise<string>>> = {
  server: benchmarkServers,
  startup: benchmarkStartup,
  client: benchmarkClientsSomewhere,
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
