/** The version in package.json. */
export const HEXIS_VERSION = '0.1.0';

/** The Redis whose commands, formats and behaviour a node has: what clients look at to find out what they can use. */
export const REDIS_VERSION = '7.0.15';
