/**
 * Who belongs to the cluster: meeting nodes, naming them, following their addresses, dropping them.
 *
 * A node met by address gets a random id and the HANDSHAKE flag; the first frame to it is a MEET, its PONG brings
 * its real id. Nodes heard of from a node that already belongs are taken in under their id at once. Cluster
 * specification, "Nodes handshake".
 */
import { type BusHeader, NodeFlag } from '../protocol/bus-frame.js';
import { normalizeIp } from './addresses.js';
import type { PeerLink } from './bus.js';
import { ClusterNode, type NodeAddress } from './cluster-node.js';
import { resetManualFailover } from './manual-failover.js';
import { releaseSlots } from './slot-ownership.js';
import { type ClusterState, randomNodeId, Todo } from './state.js';

export function addNode(state: ClusterState, node: ClusterNode): void {
  state.nodes.add(node);
  state.env.emit({ type: 'node-added', nodeId: node.id });
}

/** Drops a node with its slots, its links, its place among replicas and what it reported. */
export function removeNode(state: ClusterState, node: ClusterNode): void {
  state.slots.closeAll(node);
  releaseSlots(state, node.slots);
  for (const other of state.nodes) other.failureReports.delete(node);
  for (const replica of node.replicas) replica.master = null;
  node.master?.removeReplica(node);
  state.candidacy.votes.delete(node);
  if (state.manualFailover.replica === node) resetManualFailover(state);
  if (node.link) state.bus.close(node.link);
  if (node.inboundLink) state.bus.close(node.inboundLink);
  state.nodes.remove(node);
  state.env.emit({ type: 'node-removed', nodeId: node.id });
}

/**
 * Starts a handshake with the node at an address. Answers false when the address is not an IP literal with proper
 * ports; an address that is being met already is left alone.
 */
export function startHandshake(state: ClusterState, ip: string, port: number, busPort: number): boolean {
  const address = normalizeIp(ip);
  if (address === null || !isPort(port) || !isPort(busPort)) return false;
  for (const node of state.nodes) {
    if (node.inHandshake && node.ip === address && node.port === port && node.busPort === busPort)
      return true;
  }
  const node = new ClusterNode(randomNodeId(state.env), NodeFlag.HANDSHAKE | NodeFlag.MEET, state.now);
  node.ip = address;
  node.port = port;
  node.busPort = busPort;
  addNode(state, node);
  return true;
}

/** Takes in a stranger that sent a MEET; the handshake in the other direction will name it. */
export function welcomeStranger(state: ClusterState, link: PeerLink, header: BusHeader): void {
  const ip = header.ip || link.socket!.remoteAddress;
  if (ip === '') return;
  const node = new ClusterNode(randomNodeId(state.env), NodeFlag.HANDSHAKE, state.now);
  const { port, plainPort, busPort } = header;
  node.address = { ip, port, plainPort, busPort };
  addNode(state, node);
}

/** Compares a node's address with where its frame came from and what it announces. */
export function followAddress(
  state: ClusterState,
  node: ClusterNode,
  link: PeerLink,
  header: BusHeader,
): void {
  // Our own link reaches the node where we think it is: only the other direction can teach something.
  if (link === node.link) return;
  const ip = header.ip || link.socket!.remoteAddress;
  if (ip === '') return;
  const { port, plainPort, busPort } = header;
  if (node.ip === ip && node.port === port && node.plainPort === plainPort && node.busPort === busPort)
    return;
  moveNode(state, node, { ip, port, plainPort, busPort });
}

/** The node is elsewhere by now: the link to it is opened anew, and replication follows when it is our master. */
export function moveNode(state: ClusterState, node: ClusterNode, address: NodeAddress): void {
  const { ip, port, busPort } = address;
  node.address = address;
  if (node.link) state.bus.close(node.link);
  state.log('warning', `Address updated for node ${node.id}, now ${ip}:${port}`);
  state.env.emit({ type: 'node-address-changed', nodeId: node.id, ip, port, busPort });
  if (state.myself.isReplica && state.myself.master === node) state.env.replication.becomeReplicaOf(ip, port);
  state.later(Todo.SAVE | Todo.UPDATE_STATE);
}

/** The node announces this hostname, or none (''). */
export function followHostname(state: ClusterState, node: ClusterNode, hostname: string): void {
  if (node.hostname === hostname) return;
  node.hostname = hostname;
  state.later(Todo.SAVE);
}

function isPort(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value <= 65535;
}
