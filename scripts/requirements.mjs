// What a fresh machine lacks: npm packages, and for the tests Debian's redis-server and redis-tools.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';

/** Runs a command with its output shown; throws when it fails. */
export function run(command, args, options = {}) {
  execFileSync(command, args, { stdio: 'inherit', ...options });
}

/** Installs the npm packages when node_modules is absent or older than the lock file. */
export function ensurePackages() {
  const stamp = 'node_modules/.package-lock.json';
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= statSync('package-lock.json').mtimeMs) return;
  console.log('Installing npm packages…');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

/** Builds dist/ when it is absent or a source is newer. */
export function ensureBuild(...args) {
  run(process.execPath, ['scripts/build.mjs', ...args]);
}

function onPath(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}

/**
 * Sees to it that the real Redis programs are on PATH, with apt-get when this is root on a Debian-like machine.
 * Answers the names of those that are still missing: the tests that need them say so by name.
 */
export function ensureRedis() {
  const programs = ['redis-server', 'redis-cli', 'redis-benchmark'];
  const missing = () => programs.filter((program) => !onPath(program));
  if (missing().length > 0 && process.getuid?.() === 0 && onPath('apt-get')) {
    console.log(`Installing ${missing().join(', ')} with apt-get…`);
    const apt = (...args) => spawnSync('apt-get', args, { stdio: 'ignore', timeout: 300_000 });
    const packages = ['install', '-y', '--no-install-recommends', 'redis-server', 'redis-tools'];
    // The service that the package would start is not wanted: the tests start their own servers.
    process.env.RUNLEVEL = '1';
    if (apt(...packages).status !== 0) {
      apt('update');
      apt(...packages);
    }
  }
  return missing();
}

/** For a program that is of no use without the real Redis programs: says why (`reason`) and ends when they can't be had. */
export function demandRedis(reason) {
  const missing = ensureRedis();
  if (missing.length === 0) return;
  console.error(`${reason} real programs that are not here: ${missing.join(', ')}.`);
  process.exit(1);
}
