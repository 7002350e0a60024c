// npm run conformance -- --suite PATH: Redis's own test suite, from a checked-out tree, against Hexis, file by file, with
// redis-server's result beside it when --peer is given.
//
//   --suite PATH      a tree of redis 7.0 (with runtest and tests/)
//   --mode MODE       external (default), cluster (external, one cluster node with all slots), spawned (the suite starts
//                     its own servers)
//   --only A,B        only these files, such as unit/type/string
//   --limit SECONDS   for one file (default 240)
//   --peer            run redis-server the same way, for comparison
//   --log FOLDER      keep the suite's output, a file each
//
// The tree is copied first; a file that doesn't end in time is killed, and what it didn't reach counts as failed.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    suite: { type: 'string' },
    mode: { type: 'string', default: 'external' },
    only: { type: 'string' },
    limit: { type: 'string', default: '240' },
    peer: { type: 'boolean', default: false },
    log: { type: 'string' },
  },
});
if (options.suite === undefined || !['external', 'cluster', 'spawned'].includes(options.mode)) {
  console.error(
    'usage: npm run conformance -- --suite PATH [--mode external|cluster|spawned] [--only FILES] [--peer]',
  );
  process.exit(2);
}
const HEXIS = fileURLToPath(new URL('../bin/hexis', import.meta.url));

/** Tests that no external server can pass (they need the child process that redis-server forks). */
const SKIPPED = ['SRANDMEMBER with a dict containing long chain'];

function copyOfSuite() {
  const copy = mkdtempSync(join(tmpdir(), 'hexis-suite-'));
  for (const part of ['tests', 'runtest', 'redis.conf', 'utils']) {
    cpSync(join(resolve(options.suite), part), join(copy, part), { recursive: true });
  }
  mkdirSync(join(copy, 'src'));
  return copy;
}

/** The programs the suite calls: the server under test, and Debian's tools. */
function installPrograms(copy, engine) {
  const program = (name, line) => {
    const path = join(copy, 'src', name);
    writeFileSync(path, `#!/bin/sh\nexec ${line} "$@"\n`);
    chmodSync(path, 0o755);
  };
  const which = (name) => execFileSync('which', [name], { encoding: 'utf8' }).trim();
  program('redis-server', engine === 'hexis' ? `${process.execPath} ${HEXIS} server` : which('redis-server'));
  for (const tool of ['redis-cli', 'redis-benchmark', 'redis-check-aof', 'redis-check-rdb']) {
    program(tool, which(tool));
  }
}

function filesOf(copy) {
  if (options.only) return options.only.split(',');
  const text = readFileSync(join(copy, 'tests/test_helper.tcl'), 'utf8');
  return /set ::all_tests \{([^}]*)\}/.exec(text)[1].trim().split(/\s+/);
}

function freePort() {
  return new Promise((fulfil, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    const port = 21000 + Math.floor(Math.random() * 1000);
    probe.listen(port, '127.0.0.1', () => probe.close(() => fulfil(port)));
  });
}

async function listening(port) {
  for (let attempt = 0; attempt < 200; attempt++) {
    const up = await new Promise((fulfil) => {
      const socket = connect(port, '127.0.0.1', () => fulfil(true));
      socket.once('error', () => fulfil(false));
      socket.once('connect', () => socket.destroy());
    });
    if (up) return;
    await new Promise((fulfil) => setTimeout(fulfil, 50));
  }
  throw new Error(`no server on port ${port}`);
}

function redisCli(port, ...args) {
  return execFileSync('redis-cli', ['-p', `${port}`, ...args], { encoding: 'utf8' });
}

/** A fresh server for one file; the suite's own configuration is what redis-server has by default. */
async function startServer(copy, cwd) {
  const port = await freePort();
  const args = ['--port', `${port}`, '--enable-debug-command', 'yes', '--enable-protected-configs', 'yes'];
  if (options.mode === 'cluster') args.push('--cluster-enabled', 'yes');
  const child = spawn(join(copy, 'src/redis-server'), args, { cwd, stdio: 'ignore' });
  await listening(port);
  if (options.mode === 'cluster') {
    redisCli(port, 'cluster', 'addslotsrange', '0', '16383');
    for (let i = 0; i < 100 && !redisCli(port, 'cluster', 'info').includes('cluster_state:ok'); i++) {
      await new Promise((fulfil) => setTimeout(fulfil, 100));
    }
  }
  return { child, port };
}

/** Runs one file; answers what passed and what failed. */
async function runFile(copy, file) {
  const cwd = mkdtempSync(join(tmpdir(), 'hexis-suite-data-'));
  const args = ['--single', file, '--clients', '1'];
  for (const name of SKIPPED) args.push('--skiptest', name);
  let server;
  if (options.mode !== 'spawned') {
    server = await startServer(copy, cwd);
    args.push('--host', '127.0.0.1', '--port', `${server.port}`);
    if (options.mode === 'cluster') args.push('--cluster-mode');
  }
  const child = spawn('./runtest', args, { cwd: copy, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += bytes));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    process.kill(-child.pid, 'SIGKILL');
  }, Number(options.limit) * 1000);
  await new Promise((fulfil) => child.on('close', fulfil));
  clearTimeout(timer);
  if (server) {
    server.child.kill('SIGKILL');
    await new Promise((fulfil) =>
      (server.child.exitCode ?? server.child.signalCode) !== null
        ? fulfil()
        : server.child.once('exit', fulfil),
    );
  }
  rmSync(cwd, { recursive: true, force: true });
  const plain = output.replace(/\x1b\[[0-9;]*m/g, '');
  const passed = [...plain.matchAll(/^\[ok\]: (.*?) \(\d+ ms\)$/gm)].length;
  const failures = [...plain.matchAll(/^\[(?:err|exception)\]: (.*)$/gm)].map((match) => match[1]);
  if (late) failures.push(`not ended after ${options.limit} s`);
  return { passed, failures, output: plain };
}

async function runAll(engine) {
  const copy = copyOfSuite();
  installPrograms(copy, engine);
  const results = new Map();
  try {
    for (const file of filesOf(copy)) {
      const result = await runFile(copy, file);
      results.set(file, result);
      console.log(
        `${engine.padEnd(12)} ${file.padEnd(40)} ${result.passed} passed, ${result.failures.length} failed`,
      );
      for (const failure of result.failures) console.log(`             ✗ ${failure}`);
      if (options.log) {
        const folder = join(options.log, engine);
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, `${file.replaceAll('/', '-')}.log`), result.output);
      }
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  return results;
}

const ours = await runAll('hexis');
const theirs = options.peer ? await runAll('redis-server') : undefined;
console.log(`\n${'file'.padEnd(40)}  hexis${theirs ? '  redis-server' : ''}`);
let passed = 0;
let expected = 0;
for (const [file, result] of ours) {
  const other = theirs?.get(file);
  passed += result.passed;
  expected += other?.passed ?? 0;
  console.log(
    `${file.padEnd(40)} ${`${result.passed}`.padStart(6)}${other ? `${other.passed}`.padStart(14) : ''}`,
  );
}
const share =
  expected > 0 ? ` (${((100 * passed) / expected).toFixed(1)} % of what redis-server passes)` : '';
console.log(
  `${'all'.padEnd(40)} ${`${passed}`.padStart(6)}${theirs ? `${expected}`.padStart(14) : ''}${share}`,
);
