/** `hexis cluster create`, `check`, `info`. */
import {
  applyCreate,
  type ClusterView,
  checkCluster,
  inspectSettled,
  planCreate,
  showCheck,
  showCreatePlan,
  showInfo,
  showUnreachable,
} from '../../manager/index.js';
import { type Action, addressOf, type CommonOptions, DONE, FAILED } from './session.js';

export interface CreateWords extends CommonOptions {
  readonly replicas: number;
  readonly keepDelays?: boolean;
  readonly timeout?: number;
}

export const create: Action<CreateWords> = async (session, addresses, options) => {
  session.print(['>>> Creating cluster']);
  const plan = await planCreate(addresses, { ...session.connect, replicas: options.replicas });
  session.print(showCreatePlan(plan));
  if (!(await session.confirmed('Can I set the above configuration?'))) return FAILED;
  const start = performance.now();
  const { keepDelays, timeout } = options;
  const view = await session.operate((operation) => applyCreate(plan, { ...operation, timeout, keepDelays }));
  const elapsed = Math.round(performance.now() - start);
  const report = checkCluster(view);
  const synced = plan.replicas.length;
  session.print([
    ...showCheck(view, report),
    `[OK] Every slot takes writes${synced > 0 ? ` and ${synced} replicas are in sync` : ''}, after ${(elapsed / 1000).toFixed(1)} s.`,
  ]);
  session.result({ plan, report, elapsed });
  return report.ok ? DONE : FAILED;
};

export const check: Action = async (session, words) => {
  const view = await inspectSettled(addressOf(words), session.connect);
  const report = checkCluster(view);
  session.print([...showUnreachable(view), ...showInfo(view), ...showCheck(view, report)]);
  session.result({ ...report, nodes: withoutTables(view) });
  return report.ok ? DONE : FAILED;
};

export const info: Action = async (session, words) => {
  const view = await inspectSettled(addressOf(words), session.connect);
  session.print([...showUnreachable(view), ...showInfo(view)]);
  session.result({ nodes: withoutTables(view), unreachable: view.unreachable });
  return DONE;
};

/** What each node says of itself; its table of the others is the same again. */
function withoutTables(view: ClusterView) {
  return view.nodes.map(({ table, ...node }) => node);
}
