/** A local cluster can't do what was asked. The message says why, `hint` what to do about it. */
export class LocalClusterError extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'LocalClusterError';
    this.hint = hint;
  }
}
