/** `hexis server` from the outside: its command line, its log, its signals, its exit codes. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Connection } from '../../src/client/connection.js';
import { bundleHexis, ServerProcess } from '../support/hexis-process.js';
import { freePorts } from '../support/ports.js';

const PORT = await freePorts(1);
let bundle: Awaited<ReturnType<typeof bundleHexis>>;
let folder: string;
const started: ServerProcess[] = [];

beforeAll(async () => {
  bundle = await bundleHexis();
  folder = mkdtempSync(join(tmpdir(), 'hexis-server-'));
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.kill()));
});
afterAll(() => {
  bundle.remove();
  rmSync(folder, { recursive: true, force: true });
});

function start(args: readonly string[], input?: string): ServerProcess {
  const server = new ServerProcess(process.execPath, [bundle.program, 'server', ...args], {
    cwd: folder,
    input,
  });
  started.push(server);
  return server;
}

async function finished(server: ServerProcess) {
  return { code: await server.ended, output: server.output, errors: server.errors };
}

async function ping(target: { port: number; host?: string }): Promise<unknown> {
  const connection = await Connection.open({ host: target.host ?? '127.0.0.1', port: target.port });
  try {
    return await connection.call('PING');
  } finally {
    connection.close();
  }
}

/** The log's messages with their levels, without process, role and time. */
function messages(output: string): string[] {
  return [...output.matchAll(/^\d+:[MSC] \d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3} ([.*#-] .*)$/gm)].map(
    ([, m]) => m,
  );
}

describe('hexis server', () => {
  it.each([
    ['SIGTERM', 'Received SIGTERM scheduling shutdown...'],
    ['SIGINT', 'Received SIGINT scheduling shutdown...'],
  ] as const)('serves, and shuts down cleanly on %s', async (signal, line) => {
    const server = start(['--port', String(PORT), '--save', '']);
    await server.printed(/Ready to accept connections/);
    expect(await ping({ port: PORT })).toBe('PONG');
    server.signal(signal);
    const { code, output, errors } = await finished(server);
    expect(code).toBe(0);
    expect(errors).toBe('');
    const log = messages(output);
    expect(log[0]).toMatch(/^# oO0OoO0OoO0Oo .* is starting oO0OoO0OoO0Oo$/);
    expect(log).toContain(`* Running mode=standalone, port=${PORT}.`);
    expect(log).toContain('# Server initialized');
    expect(log.slice(-3)).toEqual([
      `# ${line}`,
      '# User requested shutdown...',
      '# Hexis is now ready to exit, bye bye...',
    ]);
    expect(output).toContain(`${server.pid}:M `);
  });

  it('shows port and process in the banner', async () => {
    const server = start(['--port', String(PORT), '--always-show-logo', 'yes']);
    await server.printed(/Ready to accept connections/);
    expect(server.output).toMatch(new RegExp(` Port: ${PORT}\n`));
    expect(server.output).toMatch(new RegExp(` PID: ${server.pid}\n`));
  });

  it('is called in lists of processes what proc-title-template says', async () => {
    const server = start(['--port', String(PORT), '--save', '']);
    await server.printed(/Ready to accept connections/);
    const title = () => readFileSync(`/proc/${server.pid}/cmdline`, 'latin1').replace(/\0.*$/s, '');
    const connection = await Connection.open({ host: '127.0.0.1', port: PORT });
    try {
      await connection.call('PING');
      expect(title()).toBe(`hexis.mjs 127.0.0.1:${PORT}`);
      await connection.call('CONFIG', 'SET', 'proc-title-template', 'node {port}');
      expect(title()).toBe(`node ${PORT}`);
    } finally {
      connection.close();
    }
  });

  it('takes file, standard input and options, the last one winning', async () => {
    const file = join(folder, 'a.conf');
    writeFileSync(join(folder, 'more.conf'), `port ${PORT}\nmaxclients 7\n`);
    writeFileSync(file, '# a comment\nport 1\ninclude mo*.conf\nhz 20\nrequirepass "a b"\n');
    const server = start([file, '--hz', '40', '-'], 'hz 30\nrequirepass ""\n');
    await server.printed(/Ready to accept connections/);
    const connection = await Connection.open({ host: '127.0.0.1', port: PORT });
    try {
      expect(await connection.call('PING')).toBe('PONG');
    } finally {
      connection.close();
    }
  });

  it('writes its log and its process id where it is told', async () => {
    const server = start(['--port', String(PORT), '--logfile', 'server.log', '--pidfile', 'server.pid']);
    const log = join(folder, 'server.log');
    await expect
      .poll(() => existsSync(log) && readFileSync(log, 'utf8'), { timeout: 10_000 })
      .toMatch(/Ready/);
    expect(readFileSync(join(folder, 'server.pid'), 'utf8')).toBe(`${server.pid}\n`);
    server.signal('SIGTERM');
    expect(await finished(server)).toEqual({ code: 0, output: '', errors: '' });
    expect(existsSync(join(folder, 'server.pid'))).toBe(false);
  });

  it('shuts down while it is loading its data, which stays as it was', async () => {
    const files = ['--dbfilename', 'long.rdb', '--pidfile', 'loading.pid'];
    const first = start(['--port', String(PORT), ...files]);
    await first.printed(/Ready to accept connections/);
    const connection = await Connection.open({ host: '127.0.0.1', port: PORT });
    for (let i = 0; i < 100; i++) await connection.call('SET', `key:${i}`, 'value');
    connection.close();
    first.signal('SIGTERM');
    await finished(first);
    const dump = readFileSync(join(folder, 'long.rdb'));

    const second = start(['--port', String(PORT), '--key-load-delay', '1000000', ...files]);
    await second.printed(/Loading RDB produced by/);
    second.signal('SIGTERM');
    const { code, output } = await finished(second);
    expect(code).toBe(0);
    expect(output).toContain('Received shutdown signal during loading, scheduling shutdown.');
    expect(readFileSync(join(folder, 'long.rdb'))).toEqual(dump);
    expect(existsSync(join(folder, 'loading.pid'))).toBe(false);
  });

  it('says which port is in use, and touches nothing', async () => {
    const first = start(['--port', String(PORT)]);
    await first.printed(/Ready to accept connections/);
    const second = start(['--port', String(PORT), '--appendonly', 'yes', '--appenddirname', 'untouched']);
    const { code, output } = await finished(second);
    expect(code).toBe(1);
    expect(output).toContain(`Failed listening on port ${PORT}`);
    expect(existsSync(join(folder, 'untouched'))).toBe(false);
    expect(await ping({ port: PORT })).toBe('PONG');
  });

  it('listens on loopback only unless told otherwise', async () => {
    const server = start(['--port', String(PORT)]);
    await server.printed(/Ready to accept connections/);
    const listening = readFileSync('/proc/net/tcp', 'latin1')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(
        ([, local, , state]) => state === '0A' && local?.endsWith(`:${PORT.toString(16).toUpperCase()}`),
      )
      .map(([, local]) => local.split(':')[0]);
    expect(listening).toEqual(['0100007F']);
  });

  it('says where a mistake is', async () => {
    const file = join(folder, 'wrong.conf');
    writeFileSync(file, 'port 7000\n\nnonsense yes\n');
    expect(await finished(start([file]))).toEqual({
      code: 1,
      output: '',
      errors:
        '\n*** FATAL CONFIG FILE ERROR (Hexis 0.1.0) ***\n' +
        `Reading the configuration file, at line 3 of ${file}\n` +
        ">>> 'nonsense yes'\nBad directive or wrong number of arguments\n",
    });
    const missing = await finished(start(['no-such.conf']));
    expect(missing.code).toBe(1);
    expect(missing.errors).toBe(
      `Fatal error, can't open config file '${join(folder, 'no-such.conf')}': No such file or directory\n`,
    );
  });

  it.each([
    [
      ['--logfile', 'none/log'],
      /^hexis server: Can't open the log file .*none\/log: No such file or directory\n$/,
    ],
    [['--unixsocket', 'none/socket'], /# Can't listen on the Unix socket .*: No such file or directory\n$/],
    [['--bind', 'host.invalid'], /# Can't listen on host\.invalid:\d+: (Name or service|Temporary failure)/],
    [['--cluster-enabled', 'yes', '--cluster-config-file', '.'], /# Can't read \.: Is a directory\n$/],
    [
      ['--cluster-enabled', 'yes', '--cluster-config-file', 'none/nodes.conf'],
      /# Fatal: can't update cluster config file: No such file or directory\n/,
    ],
  ])('does not start with %j', async (options, pattern) => {
    const { code, output, errors } = await finished(start(['--port', String(PORT), ...options]));
    expect(output + errors).toMatch(pattern);
    expect(output).not.toMatch(/Ready/);
    expect(code).toBe(1);
  });

  it.each([
    [['--pidfile', 'none/pid'], /# Can't write the pid file .*none\/pid: No such file or directory\n/],
    [['--user', 'bob', 'nopass'], /\* The user 'bob' is disabled/],
  ])('starts with %j, and says what is the matter', async (options, pattern) => {
    const server = start(['--port', String(PORT), ...options]);
    await server.printed(/Ready to accept connections/);
    expect(server.output).toMatch(pattern);
  });

  it('does not start with a manifest of the append-only file that it can not read, and names it', async () => {
    mkdirSync(join(folder, 'log', 'appendonly.aof.manifest'), { recursive: true });
    const options = ['--port', String(PORT), '--appendonly', 'yes', '--appenddirname', 'log'];
    const { code, output } = await finished(start(options));
    expect(output).toMatch(
      /# Fatal error: .* manifest appendonly\.aof\.manifest for reading: .*directory.*\n/,
    );
    expect(code).toBe(1);
  });

  it.skipIf(process.platform !== 'linux')('takes no more clients than it may open files', async () => {
    const limited = 'ulimit -n 100; exec "$0" "$@"';
    const words = [bundle.program, 'server', '--port', String(PORT)];
    const server = new ServerProcess('sh', ['-c', limited, process.execPath, ...words], { cwd: folder });
    started.push(server);
    await server.printed(/Ready to accept connections/);
    const [, most] =
      /# Current maximum open files is 100\. maxclients has been reduced from 10000 to (\d+) /.exec(
        server.output,
      )!;
    expect(Number(most)).toBeLessThan(100 - 32);
    const connection = await Connection.open({ host: '127.0.0.1', port: PORT });
    try {
      expect(await connection.call('CONFIG', 'GET', 'maxclients')).toEqual(['maxclients', most]);
      await expect(connection.call('CONFIG', 'SET', 'maxclients', '100')).rejects.toThrow(
        `not able to handle the specified number of clients, try with ${most}`,
      );
    } finally {
      connection.close();
    }
  });

  it.skipIf(process.getuid?.() === 0)('does not take a dir that it may not enter', async () => {
    mkdirSync(join(folder, 'closed'), { mode: 0 });
    const { code, errors } = await finished(start(['--dir', 'closed']));
    expect(code).toBe(1);
    expect(errors).toMatch(/'dir "closed"'\nPermission denied\n$/);
  });

  it.each([
    ['--version', 0, /^Hexis server v=\d+\.\d+\.\d+ redis=7\.0\.15 /],
    ['-v', 0, /^Hexis server v=/],
    ['--help', 0, /^Usage: hexis server \[\/path\/to\/redis\.conf\] \[options\] \[-\]\n/],
    ['-h', 0, /^Usage: hexis server/],
    ['--test-memory', 1, /not available/],
    ['--check-system', 1, /not available/],
  ])('%s', async (option, expected, pattern) => {
    const { code, output, errors } = await finished(start([option]));
    expect(code).toBe(expected);
    expect(expected === 0 ? output : errors).toMatch(pattern);
  });
});
