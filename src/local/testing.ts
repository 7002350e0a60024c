/**
 * `hexis/testing`: clusters inside a test process. `createCluster` has real ports for any client,
 * `createVirtualCluster` has virtual time, a virtual network and virtual disks.
 */
export { createCluster, type TestCluster, type TestClusterOptions, type TestNode } from './test-cluster.js';
export {
  createVirtualCluster,
  type VirtualCluster,
  type VirtualClusterOptions,
  type VirtualNode,
} from './virtual-cluster.js';
export type { PendingReply, VirtualConnection } from './virtual-connection.js';
export type { FaultRates } from './world/faults.js';
