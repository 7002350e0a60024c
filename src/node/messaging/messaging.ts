/** What the node tells sessions without being asked: the services behind it, and what they have in common. */
import { EVENT } from '../../commands/context.js';
import type { Keyspace } from '../../keyspace/keyspace.js';
import type { Config } from '../config/index.js';
import type { Outbox } from '../outbox.js';
import type { Session } from '../session.js';
import { Deliveries } from './deliveries.js';
import { Monitors } from './monitors.js';
import { Notifications } from './notifications.js';
import { PubSub } from './pubsub.js';
import { Tracking } from './tracking.js';

/** What messaging needs of the node. */
export interface MessagingSurroundings {
  readonly outbox: Outbox;
  readonly config: Config;
  readonly keyspace: Keyspace;
  /** Milliseconds since 1970. */
  wallClock(): number;
  wakeAtEndOfTurn(): void;
  /** None once it is closing, as after QUIT. */
  sessionById(id: number): Session | undefined;
  /** Who looks at commands has changed. */
  observersChanged(): void;
}

export class Messaging {
  readonly deliveries: Deliveries;
  readonly pubsub: PubSub;
  readonly notifications: Notifications;
  readonly monitors: Monitors;
  readonly tracking: Tracking;

  constructor(private readonly around: MessagingSurroundings) {
    const { outbox, config } = around;
    this.deliveries = new Deliveries(outbox);
    this.pubsub = new PubSub(this.deliveries);
    this.notifications = new Notifications(this.pubsub);
    this.monitors = new Monitors(this.deliveries, () => around.wallClock());
    this.tracking = new Tracking({
      deliveries: this.deliveries,
      sessionById: (id) => around.sessionById(id),
      wakeAtEndOfTurn: () => around.wakeAtEndOfTurn(),
      changed: () => around.observersChanged(),
    });
    config.onChange('notify-keyspace-events', () => {
      this.configureNotifications();
      return undefined;
    });
    config.onChange('tracking-table-max-keys', () => {
      this.tracking.limit(config.values['tracking-table-max-keys']);
      return undefined;
    });
    this.configureNotifications();
  }

  private configureNotifications(): void {
    const { config, keyspace } = this.around;
    const { notifications } = this;
    notifications.configure(config.values['notify-keyspace-events']);
    keyspace.spectator = notifications.ofKeyspace
      ? {
          created: (db, key, start, end) => {
            if (!config.loading) notifications.report(EVENT.new, 'new', db.index, key, start, end);
          },
          missed: (db, key, start, end) => {
            notifications.report(EVENT.keymiss, 'keymiss', db.index, key, start, end);
          },
        }
      : null;
  }

  /** MONITOR: the session is shown every command from now on. */
  monitor(session: Session): void {
    this.monitors.add(session);
    this.around.observersChanged();
  }

  /** The session has gone, or begins anew: it gets no more messages. */
  forget(session: Session): void {
    this.pubsub.forget(session);
    this.tracking.disable(session);
    this.monitors.remove(session);
    this.around.observersChanged();
  }
}
