/**
 * The files that a running server claims for itself.
 *
 * Two servers that write to the same append-only file, dump or nodes.conf destroy each other's data, so whoever comes
 * second is refused: at the start, or by CONFIG SET when a setting would bring it to another's files. A server that
 * writes none of them claims none.
 *
 * Node.js has no flock, so a server's claims are a file in its `dir`, `hexis-PID-….lock`: the identity of its process
 * and the paths it claims, a line each. To claim is to write that file and then to look at those of others: whoever
 * finds a claim of a living process on the same path takes its own back. Of two who claim at the same moment at least
 * one sees the other. The file of a process that was killed counts for nothing and is cleared away.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { Config, DirectiveName } from '../node/config/index.js';
import type { Log } from '../node/host.js';
import { pathOf } from './config-files.js';
import { replaceFile } from './disk.js';
import { identityOf } from './process-identity.js';
import { systemReason } from './system-error.js';

/** What a server claims. */
interface Claims {
  /** Where they are written down. */
  readonly path: string;
  /** Absolute paths, each with the directive that names it. */
  readonly files: ReadonlyMap<string, DirectiveName>;
}

const NAME = /^hexis-[\d-]+\.lock$/;
let servers = 0;

export class DataClaims {
  private readonly name = `hexis-${process.pid}-${threadId}-${++servers}.lock`;
  private held: Claims | undefined;

  constructor(
    private readonly config: Config,
    private readonly log: Log,
  ) {
    config.onChange(['appendonly', 'save', 'dbfilename', 'dir'], () => this.claim());
  }

  /** Claims what the configuration says; answers why that can't be, and then claims what it did before. */
  claim(): string | undefined {
    const { held } = this;
    const folder = pathOf(this.config.values.dir);
    const claims: Claims = { path: resolve(folder, this.name), files: dataFiles(this.config) };
    try {
      const complaint = this.write(claims);
      if (complaint !== undefined) {
        if (claims.path !== held?.path) rmSync(claims.path, { force: true });
        if (held !== undefined) this.write(held);
        return complaint;
      }
    } catch (error) {
      // A folder that this server may not write to. Whether it can do without shows when it writes.
      this.log('warning', `Can't lock the data files in ${folder}: ${systemReason(error)}`);
    }
    if (held !== undefined && held.path !== claims.path) rmSync(held.path, { force: true });
    this.held = claims;
    return undefined;
  }

  release(): void {
    if (this.held !== undefined) rmSync(this.held.path, { force: true });
    this.held = undefined;
  }

  /** Writes claims down and answers who else has one of them. */
  private write({ path, files }: Claims): string | undefined {
    if (files.size === 0) {
      rmSync(path, { force: true });
      return undefined;
    }
    mkdirSync(dirname(path), { recursive: true });
    const text = [identityOf(process.pid), ...files.keys()].join('\n');
    replaceFile(path, Buffer.from(text), false);
    for (const { pid, file } of claimsOfOthers(path)) {
      const directive = files.get(file);
      if (directive === undefined) continue;
      const holder = pid === process.pid ? 'another server in this process' : `process ${pid}`;
      return `${file} is in use by ${holder}: give each server its own ${directive}, or its own dir.`;
    }
    return undefined;
  }
}

/** What living servers claim in the folder of this lock file, but for that itself. */
function claimsOfOthers(own: string): { pid: number; file: string }[] {
  const folder = dirname(own);
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (!NAME.test(name) || path === own) return [];
    const [identity, ...files] = linesOf(path);
    const pid = Number.parseInt(identity, 10);
    if (identityOf(pid) === identity) return files.map((file) => ({ pid, file }));
    rmSync(path, { force: true });
    return [];
  });
}

/** None when the file has gone meanwhile. */
function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [''];
    throw error;
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
