/** Replication in its node. */
import type { ReplicationView } from '../cluster/environment.js';
import type { ReplicationFacility, RoleView } from '../commands/facilities.js';
import type { Session } from './session.js';

export class ReplicationService implements ReplicationFacility {
  readonly isReplica = false;
  readonly pending = false;
  readonly view: ReplicationView = {
    offset: () => 0,
    dataAge: () => Number.POSITIVE_INFINITY,
    isFollowing: () => false,
    becomeReplicaOf() {},
    becomeMaster() {},
  };

  constructor(_around: unknown) {}

  start(): void {}

  wrote(_session: Session): void {}

  flush(): void {}

  wait(): void {}

  replicaOf(): string | undefined {
    return undefined;
  }

  replicaOfNoOne(): void {}

  synchronise(): void {}

  configure(): 'ok' | 'silent' | 'unrecognized' {
    return 'ok';
  }

  role(): RoleView {
    return { role: 'master', offset: 0, replicas: [] };
  }
}
