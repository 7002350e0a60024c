/** An operation that the cluster refuses; `message` is the whole error reply without its `-`. */
export class ClusterError extends Error {
  constructor(text: string) {
    super(`ERR ${text}`);
    this.name = 'ClusterError';
  }
}
