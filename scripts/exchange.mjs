// npm run exchange: 100,000 random keys to redis-server and back instead of npm test's 2,000.
import { fileURLToPath } from 'node:url';
import { demandRedis, ensurePackages, run } from './requirements.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
ensurePackages();
demandRedis('Data is exchanged with');
process.env.HEXIS_EXCHANGE_KEYS ??= '100000';
run('node_modules/.bin/vitest', ['run', 'test/persistence/exchange']);
