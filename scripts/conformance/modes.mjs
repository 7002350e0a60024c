// The ways to run upstream's suites. Each mode names its files and runs one of them.
//
//   external       against one server that we start
//   cluster        the same, against one node of a cluster that has all slots
//   spawned        the suite starts its own servers
//   cluster-suite  the suite of whole clusters: 20 servers of its own for each file
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { killGroup } from './tree.mjs';

/**
 * Tests that need the child process which redis-server forks, and leave settings behind when there is none, at which the
 * rest of their file would fail.
 */
const NEEDS_FORKED_CHILD = [
  'SRANDMEMBER with a dict containing long chain',
  'AOF multiple rewrite failures will open multiple INCR AOFs',
];

export const MODES = {
  external: { files: filesOfSuite, run: (tree, file, how) => runExternally(tree, file, how, false) },
  cluster: { files: filesOfSuite, run: (tree, file, how) => runExternally(tree, file, how, true) },
  spawned: { files: filesOfSuite, run: (tree, file, how) => runSuite(tree, file, how, []) },
  'cluster-suite': { files: filesOfClusterSuite, run: runClusterSuite },
};

function filesOfSuite(suite) {
  const text = readFileSync(join(resolve(suite), 'tests/test_helper.tcl'), 'utf8');
  return /set ::all_tests \{([^}]*)\}/.exec(text)[1].trim().split(/\s+/);
}

function filesOfClusterSuite(suite) {
  const names = readdirSync(join(resolve(suite), 'tests/cluster/tests'));
  return names.filter((name) => name.endsWith('.tcl')).sort();
}

async function runExternally(tree, file, how, inCluster) {
  const cwd = mkdtempSync(join(tmpdir(), 'hexis-suite-data-'));
  const server = await startServer(tree, cwd, inCluster);
  try {
    const args = ['--host', '127.0.0.1', '--port', `${server.port}`];
    if (inCluster) args.push('--cluster-mode');
    const result = await runSuite(tree, file, how, args);
    return { ...result, serverLog: server.log() };
  } finally {
    const ended = new Promise((fulfil) => server.child.once('exit', fulfil));
    if (server.child.exitCode === null && server.child.signalCode === null) {
      server.child.kill('SIGKILL');
      await ended;
    }
    rmSync(cwd, { recursive: true, force: true });
  }
}

async function runSuite(tree, file, how, args) {
  // Durable: a test that throws must not hide the rest of its file.
  const line = ['--single', file, '--clients', '1', '--durable', ...args];
  line.push('--baseport', `${tree.basePort + 32}`, '--portcount', '450');
  for (const name of NEEDS_FORKED_CHILD) line.push('--skiptest', name);
  if (how.tags !== undefined) line.push('--tags', how.tags);
  const run = await output(tree, './runtest', line, how.limit);
  const passed = [...run.output.matchAll(/^\[ok\]: (.*?) \(\d+ ms\)$/gm)].map(([, name]) => name);
  const failed = [...run.output.matchAll(/^\[(?:err|exception)\]: (.*(?:\n(?!\[).*)?)/gm)].map(([, text]) =>
    text.replace('\n', ': '),
  );
  return { ...run, passed, failed: [...failed, ...run.late] };
}

async function runClusterSuite(tree, file, how) {
  const run = await output(tree, 'tclsh', ['tests/cluster/run.tcl', '--single', file], how.limit);
  const passed = [];
  const failed = [];
  let title = file;
  for (const line of run.output.split('\n')) {
    // "12:34:56> TITLE: OK", where the test may print words and lines of its own before the OK.
    title = /^\d\d:\d\d:\d\d> (.*?):(?: |$)/.exec(line)?.[1] ?? title;
    if (/(?:^|\s)OK$/.test(line)) passed.push(title);
    const failure = /(?:FAILED: |^>>>>>>>> )(.*)$/.exec(line);
    if (failure) failed.push(`${title}: ${failure[1]}`);
  }
  return { ...run, passed, failed: [...failed, ...run.late] };
}

/** Runs a program of the tree to its end, or to the limit. */
async function output(tree, program, args, limit) {
  const begun = performance.now();
  const child = tree.watch(
    spawn(program, args, { cwd: tree.folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (text += bytes));
  const late = [];
  const timer = setTimeout(() => {
    late.push(`not ended after ${limit} s`);
    killGroup(child);
  }, limit * 1000);
  await new Promise((fulfil) => child.on('exit', fulfil));
  clearTimeout(timer);
  await Promise.race([new Promise((fulfil) => child.on('close', fulfil)), sleep(1000)]);
  return {
    output: text.replace(/\x1b\[[0-9;]*m/g, ''),
    late,
    seconds: Math.round((performance.now() - begun) / 1000),
  };
}

/** A fresh server for one file. */
async function startServer(tree, cwd, inCluster) {
  const port = await tree.nextPort();
  const args = ['--port', `${port}`, '--enable-debug-command', 'yes', '--enable-protected-configs', 'yes'];
  if (inCluster) args.push('--cluster-enabled', 'yes');
  const child = tree.watch(
    spawn(join(tree.folder, 'src/redis-server'), args, {
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (text += bytes));
  await listening(port, () => text);
  if (inCluster) {
    redisCli(port, 'cluster', 'addslotsrange', '0', '16383');
    for (let i = 0; i < 100 && !redisCli(port, 'cluster', 'info').includes('cluster_state:ok'); i++) {
      await sleep(100);
    }
  }
  return { child, port, log: () => text };
}

async function listening(port, log) {
  for (let attempt = 0; attempt < 200; attempt++) {
    const up = await new Promise((fulfil) => {
      const socket = connect(port, '127.0.0.1', () => fulfil(true));
      socket.once('error', () => fulfil(false));
      socket.once('connect', () => socket.destroy());
    });
    if (up) return;
    await sleep(50);
  }
  throw new Error(`no server on port ${port}:\n${log()}`);
}

function redisCli(port, ...args) {
  return execFileSync('redis-cli', ['-p', `${port}`, ...args], { encoding: 'utf8' });
}
