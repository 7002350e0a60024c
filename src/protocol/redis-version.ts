/**
 * The version of Redis whose behaviour Hexis has, as HELLO, INFO and RDB files announce it to
 * those that look for features.
 */
export const REDIS_VERSION = '7.0.15';
