/** `hexis down`. */
import { resolve } from 'node:path';
import {
  allRunning,
  findRunning,
  type RunningCluster,
  realFolder,
  stopRunning,
} from '../../local/control.js';
import { LocalClusterError } from '../../local/errors.js';
import { ClusterFolder } from '../../local/folder.js';
import { stopLeftovers } from '../../local/leftovers.js';
import { DONE } from './outcome.js';

/** Milliseconds for a cluster to save and end. */
const LIMIT = 30_000;

/** Stops the cluster of the folder, or an ephemeral one that was started here, or all. */
export async function down({ dir, all }: { dir: string; all?: boolean }): Promise<number> {
  const clusters = all ? await allRunning() : await clustersHere(dir);
  await Promise.all(clusters.map(stop));
  if (clusters.length > 0) return DONE;
  const folder = realFolder(resolve(dir));
  const leftovers = all ? [] : await stopLeftovers(new ClusterFolder(folder));
  if (all) process.stdout.write('No cluster runs.\n');
  else if (leftovers.length === 0) process.stdout.write(`No cluster runs from ${folder}.\n`);
  else {
    const ports = leftovers.join(', ');
    process.stdout.write(`Stopped what a cluster that was killed has left in ${folder}: ports ${ports}.\n`);
  }
  return DONE;
}

async function clustersHere(dir: string): Promise<RunningCluster[]> {
  const cluster = await findRunning(realFolder(resolve(dir)));
  if (cluster) return [cluster];
  const here = realFolder(process.cwd());
  return (await allRunning()).filter(({ ephemeral, startedIn }) => ephemeral && startedIn === here);
}

async function stop(cluster: RunningCluster): Promise<void> {
  const { folder, pid } = cluster;
  if (!(await stopRunning(cluster, LIMIT))) {
    throw new LocalClusterError(
      `The cluster in ${folder} (process ${pid}) has not stopped within ${LIMIT / 1000} s.`,
      `See the logs in ${folder}; \`kill -9 ${pid}\` ends it at once.`,
    );
  }
  process.stdout.write(`Stopped the cluster in ${folder}.\n`);
}
