/**
 * The workload: clients that write, follow redirections as any cluster client does, and remember what was acknowledged.
 * A command whose outcome is unknown is never sent again, so that every increment counts once.
 */
import type { VirtualCluster, VirtualNode } from '../../src/local/virtual-cluster.js';
import type { VirtualConnection } from '../../src/local/virtual-connection.js';
import { RandomStream } from '../../src/local/world/random.js';
import { asciiKeySlot } from '../../src/protocol/key-slot.js';
import type { History, Write } from './history.js';
import { ask, type Outcome, type Script, sleep } from './script.js';
import type { Watch } from './watch.js';

/** Between two commands of a client, on average, milliseconds. */
const THINK_TIME = 120;
const PATIENCE = 1500;
const MOST_REDIRECTIONS = 5;
/** A client that is told that the cluster is down, or nothing at all, tries again after this. */
const BACKOFF = 100;
export const COUNTERS = 8;

interface Conversation {
  readonly connection: VirtualConnection;
  readonly server: VirtualNode['server'];
}

export class Client {
  private readonly random: RandomStream;
  private readonly conversations = new Map<number, Conversation>();
  /** Whom the client believes to serve a slot. */
  private readonly routes = new Map<number, number>();
  private count = 0;

  constructor(
    private readonly cluster: VirtualCluster,
    private readonly history: History,
    private readonly watch: Watch,
    private readonly index: number,
  ) {
    this.random = new RandomStream(cluster.seed, `client ${index}`);
  }

  /** Works until `end`. */
  *work(end: number): Script {
    const { world } = this.cluster;
    const { random } = this;
    while (world.now < end) {
      yield* sleep(world, random.exponential(THINK_TIME));
      const kind = random.fraction();
      if (kind < 0.5) yield* this.set();
      else if (kind < 0.75) yield* this.increment();
      else if (kind < 0.9) yield* this.setAndWait();
      else yield* this.letExpire();
    }
  }

  private newKey(kind: string): string {
    return `${kind}:${this.index}:${this.count++}`;
  }

  private *set(): Script<Write | undefined> {
    const key = this.newKey('once');
    return (yield* this.write(key, key, 'SET', key, key)).write;
  }

  private *increment(): Script {
    const key = `counter:${this.random.below(COUNTERS)}`;
    yield* this.write(key, '', 'INCR', key);
  }

  private *setAndWait(): Script {
    const write = yield* this.set();
    if (!write) return;
    const node = this.cluster.nodes[write.node];
    const conversation = this.conversations.get(write.node);
    if (!conversation) return;
    const replicas = () => conversation.server.clusterService!.cluster.myself.replicas.length;
    const wanted = replicas();
    if (wanted === 0) return;
    const outcome = yield* ask(this.cluster.world, conversation.connection, PATIENCE, 'WAIT', wanted, 1000);
    if (outcome.type === 'lost') this.hangUp(write.node);
    // The same process, the same replicas as before the question: else the answer is about others.
    const same = conversation.server === node.server && replicas() === wanted;
    if (same && outcome.type === 'reply' && Number(outcome.value) >= wanted) write.onAllReplicas = true;
  }

  /** A key that is about to expire is made to stay, or not in time: master and replica must agree which. */
  private *letExpire(): Script {
    const key = this.newKey('volatile');
    const life = 50 + this.random.below(1000);
    const { write } = yield* this.write(key, '', 'SET', key, key, 'PX', life);
    if (!write) return;
    yield* sleep(this.cluster.world, life - 20 + this.random.below(30));
    yield* this.write(key, '', 'PERSIST', key);
  }

  /** Runs a command on whoever serves the key; what was acknowledged goes to the history. */
  private *write(
    key: string,
    value: string,
    ...command: (string | number)[]
  ): Script<{ write: Write | undefined }> {
    const { world, nodes } = this.cluster;
    const slot = asciiKeySlot(key);
    let target = this.routes.get(slot) ?? this.random.below(nodes.length);
    let asking = false;
    for (let redirections = 0; redirections < MOST_REDIRECTIONS; redirections++) {
      const conversation = this.converse(target);
      if (asking) conversation.connection.send('ASKING');
      if (command[0] === 'INCR')
        this.history.increments.set(key, (this.history.increments.get(key) ?? 0) + 1);
      const sent = world.now;
      const outcome = yield* ask(world, conversation.connection, PATIENCE, ...command);
      if (outcome.type === 'reply') {
        this.routes.set(slot, target);
        return { write: this.acknowledged(key, value, slot, target, sent, conversation) };
      }
      const redirection = this.redirection(outcome);
      if (!redirection) {
        if (outcome.type === 'lost') this.hangUp(target);
        this.routes.delete(slot);
        yield* sleep(world, BACKOFF);
        return { write: undefined };
      }
      ({ target, asking } = redirection);
      if (!asking) this.routes.set(slot, target);
    }
    return { write: undefined };
  }

  private acknowledged(
    key: string,
    value: string,
    slot: number,
    node: number,
    sent: number,
    { server }: Conversation,
  ): Write {
    const { master } = server.replication;
    const alive = this.cluster.nodes[node].server === server && master.active;
    const write: Write = {
      key,
      slot,
      value,
      node,
      sent,
      acknowledged: this.cluster.now,
      stream: master.history.id,
      offset: alive ? master.history.offset : Number.POSITIVE_INFINITY,
      onAllReplicas: false,
    };
    this.history.writes.push(write);
    this.watch.acknowledged(node, sent);
    return write;
  }

  /** Where an error sends the client: `MOVED 1525 10.0.0.1:7000`. */
  private redirection(outcome: Outcome): { target: number; asking: boolean } | undefined {
    if (outcome.type !== 'error') return undefined;
    const match = /^(MOVED|ASK) \d+ ([\d.]+):/.exec(outcome.message);
    const target = this.cluster.nodes.findIndex(({ host }) => host === match?.[2]);
    return match && target >= 0 ? { target, asking: match[1] === 'ASK' } : undefined;
  }

  private converse(index: number): Conversation {
    const node = this.cluster.nodes[index];
    let conversation = this.conversations.get(index);
    if (conversation && conversation.connection.lost === undefined && conversation.server === node.server)
      return conversation;
    conversation = { connection: this.cluster.connect(node), server: node.server };
    this.conversations.set(index, conversation);
    return conversation;
  }

  private hangUp(index: number): void {
    this.conversations.get(index)?.connection.close();
    this.conversations.delete(index);
  }
}
