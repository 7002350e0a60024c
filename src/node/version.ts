/** The version of Redis whose behaviour this is: what INFO, HELLO and RDB files say, for tools that look for features. */
export const REDIS_VERSION = '7.0.15';

/** Our own. The same as package.json's; checked by test/house.test.ts. */
export const HEXIS_VERSION = '0.1.0';
