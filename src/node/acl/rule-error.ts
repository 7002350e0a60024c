/** Why a rule of a user can't be applied, in Redis's words. */
export class RuleError extends Error {
  constructor(
    reason: string,
    /** It names a command or category that there isn't. */
    readonly isUnknownCommand = false,
  ) {
    super(reason);
    this.name = 'RuleError';
  }

  static unknownCommand(): RuleError {
    return new RuleError('Unknown command or category name in ACL', true);
  }
}
