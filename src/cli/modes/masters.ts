/** The masters of a cluster, for the modes that cover all of it. */
import type { Address } from '../connection.js';
import { type Output, Session } from '../session.js';
import { ask, itemsOf, ModeError, numberOf, textOf } from './mode.js';

interface SlotRange {
  readonly first: number;
  readonly last: number;
}

export interface Master {
  readonly node: Session;
  readonly slots: readonly SlotRange[];
}

/** Connects to every master that has slots, with the session's settings. @throws ModeError */
export async function connectMasters(session: Session, output: Output): Promise<Master[]> {
  const ranges = await ask(session, ['CLUSTER', 'SLOTS'], 'Cannot see the cluster');
  const seed = session.settings.address;
  const found = new Map<string, { address: Address; slots: SlotRange[] }>();
  for (const range of itemsOf(ranges)) {
    const [first, last, node] = itemsOf(range);
    const [host, port] = itemsOf(node);
    // A node that does not know its own address leaves it out: it is the one that we asked.
    const address = {
      host: textOf(host) || (seed.path === undefined ? seed.host : ''),
      port: numberOf(port) ?? 0,
    };
    const name = `${address.host}:${address.port}`;
    const known = found.get(name)?.slots ?? [];
    const slots = [...known, { first: numberOf(first) ?? 0, last: numberOf(last) ?? 0 }];
    found.set(name, { address, slots });
  }
  const masters: Master[] = [];
  for (const { address, slots } of found.values()) {
    const node = new Session({ ...session.settings, address }, output);
    masters.push({ node, slots });
    if (!(await node.connect())) {
      for (const master of masters) master.node.close();
      throw new ModeError('Cannot reach every master of the cluster');
    }
  }
  return masters;
}
