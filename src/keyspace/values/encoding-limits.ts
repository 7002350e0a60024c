/**
 * Up to which size collections are packed into one run of bytes, by the names of the directives that say so. A node
 * hands in its configuration's values, so that CONFIG SET has its effect at once.
 */
export interface EncodingLimits {
  readonly 'hash-max-listpack-entries': number;
  readonly 'hash-max-listpack-value': number;
  readonly 'list-max-listpack-size': number;
  readonly 'list-compress-depth': number;
  readonly 'set-max-intset-entries': number;
  readonly 'zset-max-listpack-entries': number;
  readonly 'zset-max-listpack-value': number;
  readonly 'stream-node-max-bytes': number;
  readonly 'stream-node-max-entries': number;
}

/** Redis's own. */
export const DEFAULT_LIMITS: EncodingLimits = {
  'hash-max-listpack-entries': 512,
  'hash-max-listpack-value': 64,
  'list-max-listpack-size': -2,
  'list-compress-depth': 0,
  'set-max-intset-entries': 512,
  'zset-max-listpack-entries': 128,
  'zset-max-listpack-value': 64,
  'stream-node-max-bytes': 4096,
  'stream-node-max-entries': 100,
};
