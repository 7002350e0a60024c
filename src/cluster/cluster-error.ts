import { CommandError } from '../protocol/command-error.js';

/** An operation that the cluster refuses. */
export class ClusterError extends CommandError {
  constructor(text: string) {
    super(`ERR ${text}`);
    this.name = 'ClusterError';
  }
}
