/** Where the node's memory is, as INFO and MEMORY tell it. */
import type { MemoryReport } from '../../commands/facilities/monitoring.js';
import type { Node } from '../node.js';

/** What is buffered for clients, replicas, the log and other nodes, in bytes. */
function bufferedBytes({ clients, replication, persistence, busBytes }: Node): number {
  const backlog = replication.master.backlog?.length ?? 0;
  return clients.bufferBytes + backlog + persistence.appendOnly.bufferedBytes + busBytes;
}

/** Answers the bytes used, and remembers the most there ever were; to be called often. */
export function notePeak(node: Node): number {
  const used = node.keyspace.usedBytes + bufferedBytes(node);
  if (used > node.statistics.peakMemory) node.statistics.peakMemory = used;
  return used;
}

export function memoryReport(node: Node): MemoryReport {
  const { keyspace, statistics, host, clients, persistence, replication } = node;
  const tables = keyspace.databases.reduce((sum, db) => sum + db.overheadBytes, 0);
  return {
    used: notePeak(node),
    overhead: tables + bufferedBytes(node),
    peak: statistics.peakMemory,
    resident: host.usage().residentBytes,
    backlog: replication.master.backlogBytes,
    unsent: replication.master.unsentBytes,
    clientBuffers: clients.bufferBytes,
    appendBuffer: persistence.appendOnly.bufferedBytes,
    clusterLinks: node.busBytes,
    arenaUsed: keyspace.arena.used,
    arenaReserved: keyspace.arena.reserved,
    clients: clients.sessions.size,
  };
}
