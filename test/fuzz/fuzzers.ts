/** The fuzzers by name. */
import { frameRound } from './frames.js';
import { payloadRound, snapshotRound } from './payloads.js';
import { requestRound } from './requests.js';
import type { Round } from './round.js';

export const FUZZERS = {
  requests: requestRound,
  payloads: payloadRound,
  snapshots: snapshotRound,
  frames: frameRound,
} satisfies Record<string, Round>;
