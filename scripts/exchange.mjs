// npm run exchange: 100,000 random keys to redis-server and back instead of npm test's 2,000.
import { fileURLToPath } from 'node:url';
import { ensurePackages, ensureRedis, run } from './requirements.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
ensurePackages();
const missing = ensureRedis();
if (missing.length > 0) {
  console.error(`Data is exchanged with real programs that are not here: ${missing.join(', ')}.`);
  process.exit(1);
}
process.env.HEXIS_EXCHANGE_KEYS ??= '100000';
run('node_modules/.bin/vitest', ['run', 'test/persistence/exchange']);
