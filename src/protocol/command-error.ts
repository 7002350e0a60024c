/**
 * A command, or an operation behind it, refuses: the message is the whole error reply without its `-`, in Redis's
 * words. The dispatcher turns it into the reply and takes back what the command had written before.
 */
export class CommandError extends Error {
  constructor(reply: string) {
    super(reply);
    this.name = 'CommandError';
  }
}
