/** What CLUSTER SLOTS, SHARDS and LINKS answer: the cluster's plain data, written as nested replies. */
import type { Context } from '../context.js';
import type { ClusterReports } from '../facilities/cluster.js';

type Reply = Context['reply'];

/** An array of first slot, last slot, and the nodes that serve them: the master, then its replicas. */
export function writeSlots(reply: Reply, assignments: ReturnType<ClusterReports['slots']>): void {
  reply.array(assignments.length);
  for (const { first, last, nodes } of assignments) {
    reply.array(2 + nodes.length);
    reply.integer(first);
    reply.integer(last);
    for (const { endpoint, port, id, metadata } of nodes) {
      reply.array(4);
      if (endpoint === null) reply.nil();
      else reply.text(endpoint);
      reply.integer(port);
      reply.text(id);
      writeFields(reply, Object.entries(metadata));
    }
  }
}

/** An array of slots and nodes, one of each master with its replicas. */
export function writeShards(reply: Reply, shards: ReturnType<ClusterReports['shards']>): void {
  reply.array(shards.length);
  for (const { slots, nodes } of shards) {
    reply.map(2);
    reply.text('slots');
    reply.array(slots.length * 2);
    for (const { first, last } of slots) {
      reply.integer(first);
      reply.integer(last);
    }
    reply.text('nodes');
    reply.array(nodes.length);
    for (const node of nodes) {
      const fields: Field[] = [['id', node.id]];
      if (node.port !== 0) fields.push(['port', node.port]);
      if (node.tlsPort !== 0) fields.push(['tls-port', node.tlsPort]);
      fields.push(['ip', node.ip], ['endpoint', node.endpoint]);
      if (node.hostname !== '') fields.push(['hostname', node.hostname]);
      fields.push(
        ['role', node.role],
        ['replication-offset', node.replicationOffset],
        ['health', node.health],
      );
      writeFields(reply, fields);
    }
  }
}

/** An array of the bus's connections, each a map. */
export function writeLinks(reply: Reply, links: ReturnType<ClusterReports['links']>): void {
  reply.array(links.length);
  for (const link of links) {
    writeFields(reply, [
      ['direction', link.direction],
      ['node', link.node],
      ['create-time', link.createTime],
      ['events', link.events],
      ['send-buffer-allocated', link.sendBufferAllocated],
      ['send-buffer-used', link.sendBufferUsed],
    ]);
  }
}

type Field = readonly [name: string, value: string | number];

function writeFields(reply: Reply, fields: readonly Field[]): void {
  reply.map(fields.length);
  for (const [name, value] of fields) {
    reply.text(name);
    if (typeof value === 'number') reply.integer(value);
    else reply.text(value);
  }
}
