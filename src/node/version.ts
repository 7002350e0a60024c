export { REDIS_VERSION } from '../protocol/redis-version.js';

/** Our own. The same as package.json's; checked by test/house.test.ts. */
export const HEXIS_VERSION = '0.1.0';
