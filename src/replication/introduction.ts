/**
 * How a replica introduces itself to its master: PING, AUTH, and what it says of itself by REPLCONF. The master
 * answers line by line, in the order of the questions.
 */
import type { Log } from '../node/host.js';

export interface IntroductionSettings {
  /** `masterauth` and `masteruser`, '' for none. */
  readonly masterAuth: string;
  readonly masterUser: string;
  /** The port (and the address, if not '') that the master is to name this node by. */
  readonly announcedPort: number;
  readonly announcedAddress: string;
}

/** What an answer means: go on, everything has been said, or the master doesn't want us. */
export type IntroductionOutcome = 'unfinished' | 'done' | { readonly refused: string };

export class Introduction {
  private awaited: 'ping' | 'auth' | 'listening-port' | 'ip-address' | 'capa' = 'ping';

  /** Begins, with a PING. */
  constructor(
    private readonly settings: IntroductionSettings,
    private readonly log: Log,
    private readonly send: (...words: string[]) => void,
  ) {
    send('PING');
  }

  /** Takes the master's answer to the question that comes next. */
  answer(line: string): IntroductionOutcome {
    switch (this.awaited) {
      case 'ping':
        if (!/^(\+|-NOAUTH|-NOPERM|-ERR operation not permitted)/.test(line)) {
          return { refused: `Error reply to PING from master: '${line}'` };
        }
        this.log('notice', 'Master replied to PING, replication can continue...');
        this.tellAll();
        return 'unfinished';
      case 'auth':
        if (line.startsWith('-')) return { refused: `Unable to AUTH to MASTER: ${line}` };
        this.awaited = 'listening-port';
        return 'unfinished';
      case 'listening-port':
        this.noteRefusal(line);
        this.awaited = this.settings.announcedAddress === '' ? 'capa' : 'ip-address';
        return 'unfinished';
      case 'ip-address':
        this.noteRefusal(line);
        this.awaited = 'capa';
        return 'unfinished';
      case 'capa':
        this.noteRefusal(line);
        return 'done';
    }
  }

  private tellAll(): void {
    const { masterAuth, masterUser, announcedPort, announcedAddress } = this.settings;
    if (masterAuth !== '') {
      if (masterUser === '') this.send('AUTH', masterAuth);
      else this.send('AUTH', masterUser, masterAuth);
    }
    this.send('REPLCONF', 'listening-port', String(announcedPort));
    if (announcedAddress !== '') this.send('REPLCONF', 'ip-address', announcedAddress);
    this.send('REPLCONF', 'capa', 'eof', 'capa', 'psync2');
    this.awaited = masterAuth === '' ? 'listening-port' : 'auth';
  }

  /** An older master: replication goes on without. */
  private noteRefusal(line: string): void {
    if (!line.startsWith('-')) return;
    this.log('notice', `(Non critical) Master does not understand REPLCONF ${this.awaited}: ${line}`);
  }
}
