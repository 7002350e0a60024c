/** `hexis cluster fix`. */
import {
  applyFix,
  assignsSlots,
  checkCluster,
  planFix,
  showCheck,
  showFixPlan,
  showInfo,
  showUnreachable,
} from '../../manager/index.js';
import { type MoveWords, migrateOptions } from './moves.js';
import { type Action, addressOf, DONE, FAILED } from './session.js';

export interface FixWords extends MoveWords {
  readonly searchMultipleOwners?: boolean;
  readonly fixWithUnreachableMasters?: boolean;
}

export const fix: Action<FixWords> = async (session, words, options) => {
  const { view, plan } = await planFix(addressOf(words), {
    ...session.patience,
    searchMultipleOwners: options.searchMultipleOwners,
    withUnreachableMasters: options.fixWithUnreachableMasters,
  });
  session.print([...showUnreachable(view), ...showInfo(view), ...showCheck(view, checkCluster(view))]);
  if (plan.actions.length === 0) {
    const report = checkCluster(view);
    session.result({ plan, report });
    return report.ok ? DONE : FAILED;
  }
  session.print(showFixPlan(plan));
  if (assignsSlots(plan) && !(await session.confirmed('Can I fix the slots in this way?'))) return FAILED;
  const fixed = await session.operate((operation) =>
    applyFix(plan, view, { ...operation, ...migrateOptions(options) }),
  );
  const report = checkCluster(fixed.view);
  session.print(showCheck(fixed.view, report, { nodes: false }));
  session.result({ plan, report });
  return report.ok ? DONE : FAILED;
};
