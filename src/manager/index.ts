/** `hexis/manager`: cluster operations as typed functions. Plan, show, apply. */
export { type Address, formatAddress, type NodeAddress, parseAddress } from './address.js';
export { inspectHealthy, inspectSettled } from './agreement.js';
export type { ReplicaOf } from './anti-affinity.js';
export { type Backup, type BackupOptions, backup } from './backup.js';
export { type BusAddress, type CheckReport, checkCluster, type Obstacle, type OpenSlots } from './check.js';
export type { NodeEntry, OpenSlot } from './cluster-nodes.js';
export { parseClusterNodes } from './cluster-nodes.js';
export type { ConnectOptions } from './connections.js';
export { applyCreate, type CreateOptions, type PlanCreateOptions, planCreate } from './create.js';
export { type CreatePlan, planCluster } from './create-plan.js';
export { ManagerError, type ManagerErrorCode } from './errors.js';
export { type Answer, type CallOptions, callEverywhere, setNodeTimeout } from './everywhere.js';
export { applyFix, type PlanFixOptions, planFix } from './fix.js';
export {
  assignsSlots,
  brokenSlots,
  type FixAction,
  type FixPlan,
  planSlotFixes,
  showFixPlan,
} from './fix-plan.js';
export { type ImportOptions, importKeys } from './import.js';
export {
  type AddNodeOptions,
  type AddNodePlan,
  applyAddNode,
  applyDeleteNode,
  type DeleteNodePlan,
  planAddNode,
  planDeleteNode,
} from './membership.js';
export { type MigrateOptions, printableKey } from './migrate-keys.js';
export {
  movedSlots,
  planRebalance,
  planReshard,
  type RebalancePlan,
  type RebalanceRequest,
  type ReshardPlan,
  type ReshardRequest,
  type Transfer,
} from './move-plan.js';
export { applyMoves, type MoveOptions, type MoveResult } from './move-slots.js';
export type { ManagerEvent, OperationOptions, Step } from './operation.js';
export {
  showCheck,
  showCreatePlan,
  showInfo,
  showNode,
  showNodes,
  showRebalancePlan,
  showReshardPlan,
  showUnreachable,
} from './show.js';
export type { SlotRange } from './slots.js';
export { type ClusterView, inspect, type NodeView, type UnreachableNode } from './view.js';
