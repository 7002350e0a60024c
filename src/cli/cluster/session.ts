/** One run of a `hexis cluster` subcommand: its common options, its terminal and its way of asking. */
import {
  type ConnectOptions,
  formatAddress,
  ManagerError,
  type ManagerEvent,
  type OperationOptions,
  parseAddress,
  type Step,
} from '../../manager/index.js';
import type { ClusterTerminal } from './terminal.js';

/** Options that every subcommand has. */
export interface CommonOptions {
  readonly pass?: string;
  readonly user?: string;
  readonly tls?: boolean;
  readonly cacert?: string;
  readonly cacertdir?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly sni?: string;
  readonly insecure?: boolean;
  readonly tlsCiphers?: string;
  readonly tlsCiphersuites?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
  /** Milliseconds. */
  readonly wait?: number;
}

/** A subcommand: gets the words that are not options, answers the exit code. */
export type Action<Options = CommonOptions> = (
  session: Session,
  words: string[],
  options: Options,
) => Promise<number>;

export const DONE = 0;
export const FAILED = 1;
export const WRONG_USAGE = 2;

/** What ends an operation at its next safe point: Ctrl-C, `kill`, a terminal that is closed. */
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What is said when a step begins; a subcommand may have other words for some. */
export type StepLines = Readonly<Partial<Record<Step, string>>>;

const STEPS: StepLines = {
  configured: '>>> Nodes configuration updated',
  epochs: '>>> Assign a different config epoch to each node',
  meet: '>>> Sending CLUSTER MEET messages to join the cluster',
  join: 'Waiting for the cluster to join',
  forget: '>>> Sending CLUSTER FORGET messages to the cluster...',
  reset: '>>> Sending CLUSTER RESET SOFT to the deleted node.',
};

export class Session {
  readonly terminal: ClusterTerminal;
  private readonly options: CommonOptions;
  private readonly tls: ConnectOptions['tls'];

  constructor(options: CommonOptions, terminal: ClusterTerminal, tls: ConnectOptions['tls']) {
    this.options = options;
    this.terminal = terminal;
    this.tls = tls;
  }

  /** How to reach the nodes. */
  get connect(): ConnectOptions {
    const { user, pass } = this.options;
    return { username: user, password: pass ?? process.env.REDISCLI_AUTH, tls: this.tls };
  }

  /** How to reach them and how long to wait, without signs of progress. */
  get patience(): OperationOptions {
    return { ...this.connect, timeout: this.options.wait };
  }

  print(lines: readonly string[]): void {
    this.terminal.print(lines);
  }

  /** The result as JSON, where that was asked for. */
  result(value: unknown): void {
    if (this.terminal.json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /**
   * Runs an operation that shows its events. Ctrl-C ends it at the next safe point, with what it changed for a
   * time put back; a second one ends it at once.
   */
  async operate<Result>(
    operation: (options: OperationOptions) => Promise<Result>,
    show: (event: ManagerEvent) => void = (event) => this.show(event),
  ): Promise<Result> {
    const controller = new AbortController();
    const abort = () => controller.abort();
    for (const signal of ENDING_SIGNALS) process.once(signal, abort);
    try {
      return await operation({ ...this.patience, signal: controller.signal, onEvent: show });
    } finally {
      for (const signal of ENDING_SIGNALS) process.removeListener(signal, abort);
      this.terminal.endProgress();
    }
  }

  /** Shows the events that all operations have: steps and waiting. */
  show(event: ManagerEvent, steps: StepLines = {}): void {
    if (event.type === 'waiting') this.terminal.progress('.');
    else if (event.type === 'step') {
      const line = steps[event.step] ?? STEPS[event.step];
      if (line !== undefined) this.print([line]);
    }
  }

  /** Asks unless `--yes` was given; only the whole word counts. `how` says what to type. */
  async confirmed(question: string, how = "(type 'yes' to accept): "): Promise<boolean> {
    if (this.options.yes) return true;
    if ((await this.ask(`${question} ${how}`)) === 'yes') return true;
    this.print(['*** Aborting...']);
    return false;
  }

  /** Asks for a line. The end of input ends the subcommand. */
  async ask(question: string): Promise<string> {
    if (this.terminal.json) throw new ManagerError('INVALID', `With --json nothing is asked: ${question}`);
    const answer = await this.terminal.ask(question);
    if (answer === undefined) {
      const hint = 'What is asked can be given as options, and --yes accepts: see --help of the subcommand.';
      throw new ManagerError('INVALID', 'No answer.', { hint });
    }
    return answer;
  }
}

/** `host:port`, or host and port as two words. Throws RangeError. */
export function addressOf([host, port, ...rest]: readonly string[]): string {
  if (rest.length > 0 || port?.includes(':')) throw new RangeError(`One address is enough: ${host}`);
  return formatAddress(parseAddress(port === undefined ? host : `${host}:${port}`));
}
