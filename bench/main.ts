/**
 * npm run bench: everything, or the parts named: `server`, `families`, `memory`,
 * `startup`, `client`. Each part runs its peer in the same run
 * on the same machine and prints a table with ratios; absolute numbers mean little anywhere else.
 *
 *     npm run bench
 *     npm run bench -- server
 *     npm run bench -- families XADD XRANGE_10
 *     npm run bench -- memory strings streams
 *     npm run bench -- client localhost:7000     # on a cluster that is there already
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { benchmarkClients, clientTable } from './client.js';
import { benchmarkFamilies } from './families.js';
import { benchmarkMemory } from './memory.js';
import { freePort, listening, run, Workshop } from './processes.js';
import { benchmarkServers } from './server.js';
import { benchmarkStartup } from './startup.js';

/** The clients on a cluster of six real redis-servers, or on the one given. */
async function benchmarkClientsSomewhere(nodes: readonly string[]): Promise<string> {
  if (nodes.length > 0) return clientTable(await benchmarkClients(nodes));
  const workshop = new Workshop();
  try {
    const addresses: string[] = [];
    for (let i = 0; i < 6; i++) {
      const port = await freePort();
      const folder = join(workshop.folder, `${port}`);
      mkdirSync(folder);
      await workshop.server('redis-server', port, ['--cluster-enabled', 'yes', '--save', ''], folder);
      await listening(port);
      addresses.push(`127.0.0.1:${port}`);
    }
    await run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes']);
    await new Promise((fulfil) => setTimeout(fulfil, 3000)); // masters that are new refuse writes for 2 s
    return clientTable(await benchmarkClients(addresses));
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
