/** The version of Redis whose behaviour Hexis has, as HELLO and INFO announce it: clients choose commands by it. */
export const REDIS_VERSION = '7.0.15';
