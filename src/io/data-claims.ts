/**
 * The files that a running server claims for itself.
 *
 * Two servers that write to the same append-only file, dump or nodes.conf destroy each other's data, so whoever comes
 * second is refused: at the start, or by CONFIG SET when a setting would bring it to another's files. A server that
 * writes none of them claims none.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Config, DirectiveName } from '../node/config/index.js';
import type { Log } from '../node/host.js';
import { pathOf, reasonOf } from './config-files.js';
import { FileLock } from './file-lock.js';

export class DataClaims {
  private readonly locks = new Map<string, FileLock>();

  constructor(
    private readonly config: Config,
    private readonly log: Log,
  ) {
    config.onChange(['appendonly', 'save', 'dbfilename', 'dir'], () => this.claim());
  }

  /** Claims what the configuration says; answers why that can't be, and then claims nothing new. */
  claim(): string | undefined {
    const files = dataFiles(this.config);
    const added: string[] = [];
    for (const [file, directive] of files) {
      if (this.locks.has(file)) continue;
      const lock = this.lock(file);
      if (lock === undefined) continue;
      if (typeof lock === 'number') {
        for (const path of added) this.unlock(path);
        const holder = lock === process.pid ? 'another server in this process' : `process ${lock}`;
        return `${file} is in use by ${holder}: give each server its own ${directive}, or its own dir.`;
      }
      this.locks.set(file, lock);
      added.push(file);
    }
    for (const path of this.locks.keys()) if (!files.has(path)) this.unlock(path);
    return undefined;
  }

  release(): void {
    for (const path of this.locks.keys()) this.unlock(path);
  }

  private lock(file: string): FileLock | number | undefined {
    try {
      mkdirSync(dirname(file), { recursive: true });
      return FileLock.acquire(file);
    } catch (error) {
      // A folder that this server may not write to. Whether it can do without shows when it writes.
      this.log('warning', `Can't lock ${file}: ${reasonOf(error)}`);
      return undefined;
    }
  }

  private unlock(path: string): void {
    this.locks.get(path)?.release();
    this.locks.delete(path);
  }
}

/** Absolute paths of the files that a server with this configuration writes, each with the directive that names it. */
function dataFiles({ values }: Config): Map<string, DirectiveName> {
  const files = new Map<string, DirectiveName>();
  const add = (path: string, directive: DirectiveName) =>
    files.set(resolve(pathOf(values.dir), pathOf(path)), directive);
  if (values['cluster-enabled']) add(values['cluster-config-file'], 'cluster-config-file');
  if (values.appendonly) add(join(values.appenddirname, values.appendfilename), 'appendfilename');
  if (values.save.length > 0) add(values.dbfilename, 'dbfilename');
  return files;
}
