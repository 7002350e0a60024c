/** `hexis cluster add-node`, `del-node`. */
import {
  applyAddNode,
  applyDeleteNode,
  checkCluster,
  formatAddress,
  planAddNode,
  planDeleteNode,
  showCheck,
} from '../../manager/index.js';
import { type Action, addressOf, type CommonOptions, DONE } from './session.js';

export interface AddNodeWords extends CommonOptions {
  readonly replica?: boolean;
  readonly slave?: boolean;
  readonly masterId?: string;
}

export const addNode: Action<AddNodeWords> = async (session, [added, seed], options) => {
  const [address, cluster] = [addressOf([added]), addressOf([seed])];
  session.print([`>>> Adding node ${address} to cluster ${cluster}`]);
  const replicaOf = options.masterId ?? (options.replica || options.slave ? true : undefined);
  const { view, plan } = await planAddNode(address, cluster, { ...session.patience, replicaOf });
  session.print(showCheck(view, checkCluster(view)));
  const { master } = plan;
  if (master && options.masterId === undefined) {
    session.print([`Automatically selected master ${formatAddress(master)}`]);
  }
  await session.operate(
    (operation) => applyAddNode(plan, operation),
    (event) =>
      session.show(event, {
        functions: '>>> Getting functions from cluster',
        meet: `>>> Send CLUSTER MEET to node ${address} to make it join the cluster.`,
        replicate: master ? `>>> Configure node as replica of ${formatAddress(master)}.` : undefined,
      }),
  );
  session.print(['[OK] New node added correctly.']);
  session.result({ plan });
  return DONE;
};

export const deleteNode: Action = async (session, [seed, id]) => {
  const cluster = addressOf([seed]);
  session.print([`>>> Removing node ${id} from cluster ${cluster}`]);
  const plan = await planDeleteNode(cluster, id, session.patience);
  for (const { node, master } of plan.replicas) {
    session.print([`>>> ${formatAddress(node)} as replica of ${formatAddress(master)}`]);
  }
  await session.operate((operation) => applyDeleteNode(plan, operation));
  if (!plan.reachable) session.print(['[WARNING] The node did not answer and could not be reset.']);
  session.result({ plan });
  return DONE;
};
