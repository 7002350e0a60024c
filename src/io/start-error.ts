/** A server can't start, for a reason that its operator can mend. */
export class StartError extends Error {
  /** @param logged whether the log has said why */
  constructor(
    message: string,
    readonly logged = false,
  ) {
    super(message);
    this.name = 'StartError';
  }
}
