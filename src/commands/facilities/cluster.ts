/** Cluster mode as the CLUSTER family sees it; `Cluster` of `cluster/` is what stands behind it. */

export interface SlotRange {
  readonly first: number;
  readonly last: number;
}

export interface ClusterFacility {
  readonly myself: { readonly id: string; readonly configEpoch: number };
  readonly administration: ClusterAdministration;
  readonly view: ClusterReports;
  /** Breaks the links to a node, from it, or both, for tests; answers whether there is such a node. */
  breakLinks(nodeId: string, which: 'to' | 'from' | 'all'): boolean;
  /** Writes nodes.conf now, to survive power loss. */
  saveConfig(): void;
}

/** The operations; each throws a CommandError when the cluster refuses. */
export interface ClusterAdministration {
  meet(ip: string, port: number, busPort: number): void;
  forget(nodeId: string): void;
  addSlots(ranges: Iterable<SlotRange>): void;
  deleteSlots(ranges: Iterable<SlotRange>): void;
  flushSlots(): void;
  setSlotMigrating(slot: number, nodeId: string): void;
  setSlotImporting(slot: number, nodeId: string): void;
  setSlotStable(slot: number): void;
  setSlotNode(slot: number, nodeId: string): void;
  replicate(nodeId: string): void;
  failover(mode: 'normal' | 'force' | 'takeover'): void;
  reset(hard: boolean): void;
  setConfigEpoch(epoch: number): void;
  bumpEpoch(): boolean;
  countFailureReports(nodeId: string): number;
}

/** The cluster as this node sees it, as plain data. */
export interface ClusterReports {
  /** CLUSTER NODES. */
  nodes(plain?: boolean): string;
  replicas(masterId: string, plain?: boolean): string[];
  /** CLUSTER INFO. */
  infoText(): string;
  slots(plain?: boolean): readonly (SlotRange & { nodes: readonly NodeEndpoint[] })[];
  shards(): readonly { slots: readonly SlotRange[]; nodes: readonly ShardNode[] }[];
  links(): readonly LinkDescription[];
}

export interface NodeEndpoint {
  /** Null: the address the client has already. */
  readonly endpoint: string | null;
  readonly port: number;
  readonly id: string;
  readonly metadata: { readonly ip?: string; readonly hostname?: string };
}

export interface ShardNode {
  readonly id: string;
  readonly port: number;
  readonly tlsPort: number;
  readonly ip: string;
  readonly endpoint: string;
  readonly hostname: string;
  readonly role: string;
  readonly replicationOffset: number;
  readonly health: string;
}

export interface LinkDescription {
  readonly direction: 'to' | 'from';
  readonly node: string;
  readonly createTime: number;
  readonly events: string;
  readonly sendBufferAllocated: number;
  readonly sendBufferUsed: number;
}
