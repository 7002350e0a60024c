/**
 * The folder of a local cluster: `.hexis` in the directory where `hexis up` runs, as a developer expects of data that
 * belongs to a project, and kept out of version control by a `.gitignore` of its own.
 *
 *     .hexis/cluster.json             what was asked for, and the layout made from it
 *     .hexis/7000/cluster0.conf       the node's configuration, for any redis-server; yours to edit
 *     .hexis/7000/nodes.conf          the node's view of the cluster
 *     .hexis/7000/appendonlydir/      its data
 *     .hexis/7000/server.log
 *
 * The files are the same for every engine, so a cluster can go on with another one.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalClusterError } from './errors.js';
import { configFile, type Layout, NODES_CONF, type NodeSettings, type PlannedNode } from './layout.js';

export const DEFAULT_FOLDER = '.hexis';

/** What `cluster.json` holds. */
export interface ClusterRecord {
  readonly version: 1;
  readonly masters: number;
  /** Of each master. */
  readonly replicas: number;
  /** Milliseconds. */
  readonly nodeTimeout: number;
  readonly layout: Layout;
}

export class ClusterFolder {
  /** Absolute path. */
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** The cluster that lives here, if one does. Throws when the record can't be read. */
  read(): ClusterRecord | undefined {
    const path = join(this.path, 'cluster.json');
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new LocalClusterError(`Can't read ${path}: ${(error as Error).message}`);
    }
    try {
      const record = JSON.parse(text) as ClusterRecord;
      if (record.version === 1) return record;
    } catch {
      // said below
    }
    throw new LocalClusterError(
      `${path} is not the record of a cluster that this version understands.`,
      `Remove ${this.path} to begin anew.`,
    );
  }

  /**
   * Lays a new cluster down, over the rest of one that was never ready. `nodesConfOf` answers what each node shall
   * know of the others when it starts.
   */
  create(layout: Layout, settings: NodeSettings, nodesConfOf: (node: PlannedNode) => string): void {
    mkdirSync(this.path, { recursive: true });
    writeFileSync(join(this.path, '.gitignore'), '*\n');
    for (const node of layout.nodes) {
      const directory = this.directoryOf(node);
      rmSync(directory, { recursive: true, force: true });
      mkdirSync(directory);
      writeFileSync(this.configOf(node), configFile(node, settings));
      writeFileSync(join(directory, NODES_CONF), nodesConfOf(node));
    }
  }

  /** The new cluster is ready: from now on the folder holds it, and what starts from here brings it back. */
  record(record: ClusterRecord): void {
    writeFileSync(join(this.path, 'cluster.json'), `${JSON.stringify(record, null, 2)}\n`);
  }

  /** The ports of nodes that have a directory here. */
  ports(): number[] {
    try {
      return readdirSync(this.path)
        .filter((name) => /^\d+$/.test(name))
        .map(Number);
    } catch {
      return []; // no folder, no node
    }
  }

  /** Where a node keeps its files. */
  directoryOf({ port }: Pick<PlannedNode, 'port'>): string {
    return join(this.path, String(port));
  }

  /** Path of a node's configuration file. */
  configOf(node: PlannedNode): string {
    return join(this.directoryOf(node), `cluster${node.index}.conf`);
  }

  /** Path of a node's log. */
  logOf(node: Pick<PlannedNode, 'port'>): string {
    return join(this.directoryOf(node), 'server.log');
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
