// npm run crash: power loss at 10,000 points instead of npm test's 500; takes about a minute.
import { fileURLToPath } from 'node:url';
import { ensurePackages, run } from './requirements.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
ensurePackages();
process.env.HEXIS_CRASH_POINTS ??= '10000';
run('node_modules/.bin/vitest', ['run', 'test/crash/power-loss', '--testTimeout', '600000']);
