/**
 * `hexis/testing`: clusters inside a test process, in virtual time or on real ports.
 */
export {
  createVirtualCluster,
  VirtualCluster,
  type VirtualClusterOptions,
  type VirtualNode,
} from './virtual-cluster.js';
export type { PendingReply, VirtualConnection } from './virtual-connection.js';
export type { FaultRates } from './world/faults.js';
