// A private copy of the suite's tree, in which src/redis-server is the server under test. The build of Hexis is copied as
// well, so that one can go on working while a suite runs.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const TOOLS = ['redis-cli', 'redis-benchmark', 'redis-check-aof', 'redis-check-rdb'];

export class Tree {
  children = new Set();
  lastPort;

  /** `engine` is hexis or redis-server. */
  constructor(suite, engine, basePort) {
    this.basePort = basePort;
    this.lastPort = basePort + 500;
    this.folder = mkdtempSync(join(tmpdir(), 'hexis-suite-'));
    for (const part of ['tests', 'runtest', 'redis.conf', 'utils']) {
      cpSync(join(resolve(suite), part), join(this.folder, part), { recursive: true });
    }
    mkdirSync(join(this.folder, 'src'));
    this.program('redis-server', engine === 'hexis' ? this.copyOfHexis() : installed('redis-server'));
    for (const tool of TOOLS) this.program(tool, installed(tool));
    // The cluster suite has no option for its ports.
    this.edit('tests/instances.tcl', (text) =>
      text.replace(/(set ::redis_base_port) \d+/, `$1 ${basePort}`).replace(/(_port_count) \d+/, '$1 1000'),
    );
  }

  /**
   * The next free one of the ports that servers for the external modes use, in turn: the last one may still be closing,
   * and others be in use by connections of other programs.
   */
  async nextPort() {
    do this.lastPort = this.lastPort === this.basePort + 899 ? this.basePort + 500 : this.lastPort + 1;
    while (!(await isFree(this.lastPort)));
    return this.lastPort;
  }

  /** Keeps a process, the leader of a group of its own, so that it can't outlive the run. */
  watch(child) {
    this.children.add(child);
    child.once('exit', () => {
      killGroup(child);
      this.children.delete(child);
    });
    return child;
  }

  remove() {
    for (const child of this.children) killGroup(child);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  copyOfHexis() {
    const copy = join(this.folder, 'hexis');
    for (const part of ['bin', 'dist', 'package.json']) {
      cpSync(join(PROJECT, part), join(copy, part), { recursive: true });
    }
    symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
    return `${process.execPath} ${join(copy, 'bin/hexis')} server`;
  }

  program(name, line) {
    const path = join(this.folder, 'src', name);
    writeFileSync(path, `#!/bin/sh\nexec ${line} "$@"\n`);
    chmodSync(path, 0o755);
  }

  edit(path, change) {
    const place = join(this.folder, path);
    writeFileSync(place, change(readFileSync(place, 'utf8')));
  }
}

function isFree(port) {
  return new Promise((fulfil) => {
    const server = createServer();
    server.once('error', () => fulfil(false));
    server.listen(port, '127.0.0.1', () => server.close(() => fulfil(true)));
  });
}

/** Ends what a group leader has left behind, or the whole group. */
export function killGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

function installed(tool) {
  return execFileSync('which', [tool], { encoding: 'utf8' }).trim();
}
