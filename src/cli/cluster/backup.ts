/** `hexis cluster backup`. */
import { join } from 'node:path';
import { backup as backUp, checkCluster, formatAddress, inspect, showCheck } from '../../manager/index.js';
import { type Action, addressOf, DONE } from './session.js';

export const backup: Action = async (session, [seed, folder]) => {
  const address = addressOf([seed]);
  const view = await inspect(address, session.connect);
  session.print(showCheck(view, checkCluster(view)));
  const { files, report } = await backUp(address, folder, {
    ...session.connect,
    onNode: (node) => session.print([`>>> Node ${formatAddress(node)} -> Saving RDB...`]),
  });
  session.print([`Saving cluster configuration to: ${join(folder, 'nodes.json')}`]);
  if (!report.ok) {
    session.print([
      "*** Cluster seems to have some problems, please be aware of it if you're going to restore this backup.",
    ]);
  }
  session.print([`[OK] Backup created into: ${folder}`]);
  session.result({ files, report });
  return DONE;
};
