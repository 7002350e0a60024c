/** The masters of a cluster, for the modes that cover all of it. */
import type { Address } from '../connection.js';
import { type Output, Session } from '../session.js';
import { ask, itemsOf, ModeError, numberOf, textOf } from './mode.js';

/** Connects to every master that has slots, with the session's settings. @throws ModeError */
export async function connectMasters(session: Session, output: Output): Promise<Session[]> {
  const slots = await ask(session, ['CLUSTER', 'SLOTS'], 'Cannot see the cluster');
  const seed = session.settings.address;
  const masters = new Map<string, Address>();
  for (const range of itemsOf(slots)) {
    const [host, port] = itemsOf(itemsOf(range)[2]).slice(0, 2);
    // A node that does not know its own address leaves it out: it is the one that we asked.
    const address = {
      host: textOf(host) || (seed.path === undefined ? seed.host : ''),
      port: numberOf(port) ?? 0,
    };
    masters.set(`${address.host}:${address.port}`, address);
  }
  const nodes: Session[] = [];
  for (const address of masters.values()) {
    const master = new Session({ ...session.settings, address }, output);
    nodes.push(master);
    if (!(await master.connect())) {
      for (const node of nodes) node.close();
      throw new ModeError('Cannot reach every master of the cluster');
    }
  }
  return nodes;
}
