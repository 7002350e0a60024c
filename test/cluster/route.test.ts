import { describe, expect, it } from 'vitest';
import type { RoutedRequest } from '../../src/cluster/route.js';
import { SimulatedCluster } from './simulated-cluster.js';

const simulation = new SimulatedCluster(1);
for (let i = 0; i < 4; i++) simulation.addNode({ announceHostname: i === 1 ? 'b.example' : '' });
simulation.form(3);
simulation.run(3000);
const [a, b, , replica] = simulation.nodes;
a.do((cluster) => cluster.administration.setSlotMigrating(1, b.id));
b.do((cluster) => cluster.administration.setSlotImporting(1, a.id));

const OWN = 0;
const OPEN = 1;
const ELSEWHERE = 6000;

function request(slot: number, more: Partial<RoutedRequest> = {}, existing = 0, missing = 0): RoutedRequest {
  return {
    slot,
    crossesSlots: false,
    multipleKeys: false,
    write: false,
    shardedPubsub: false,
    migrate: false,
    asking: false,
    readonly: false,
    plain: false,
    countKeys: () => ({ existing, missing }),
    ...more,
  };
}

const ASK = `ASK 1 ${b.ip}:7000`;
const TRYAGAIN = 'TRYAGAIN Multiple keys request during rehashing of slot';

describe('a request', () => {
  it('is served by the owner of a stable slot', () => {
    expect(a.cluster.route(request(OWN))).toBeNull();
    expect(a.cluster.serves[OWN]).toBe(1);
  });

  it('is sent to the owner with MOVED', () => {
    expect(a.cluster.route(request(ELSEWHERE))).toBe(`MOVED 6000 ${b.ip}:7000`);
  });

  it.each([
    ['served while all keys are here', {}, 2, 0, null],
    ['sent on with ASK when none is', {}, 0, 1, ASK],
    ['told to try again when some are', { multipleKeys: true }, 1, 1, TRYAGAIN],
    ['served when it is MIGRATE', { migrate: true }, 0, 1, null],
    ['served when it is about a sharded channel', { shardedPubsub: true }, 0, 1, null],
  ])('about a slot that migrates is %s', (_, more, existing, missing, expected) => {
    expect(a.cluster.route(request(OPEN, more, existing, missing))).toBe(expected);
  });

  it.each([
    ['sent back with MOVED without ASKING', {}, 1, 0, `MOVED 1 ${a.ip}:7000`],
    ['served with ASKING, even if the key is missing', { asking: true }, 0, 1, null],
    [
      'told to try again when one of many keys is missing',
      { asking: true, multipleKeys: true },
      1,
      1,
      TRYAGAIN,
    ],
  ])('about a slot that is imported is %s', (_, more, existing, missing, expected) => {
    expect(b.cluster.route(request(OPEN, more, existing, missing))).toBe(expected);
  });

  it('that reads is served by a replica of the owner when the client sent READONLY', () => {
    expect(replica.cluster.route(request(OWN))).toBe(`MOVED 0 ${a.ip}:7000`);
    expect(replica.cluster.route(request(OWN, { readonly: true }))).toBeNull();
    expect(replica.cluster.route(request(OWN, { readonly: true, write: true }))).toMatch(/^MOVED/);
    expect(replica.cluster.route(request(ELSEWHERE, { readonly: true }))).toMatch(/^MOVED/);
    expect(replica.cluster.route(request(OWN, { shardedPubsub: true }))).toBeNull();
  });

  it('names the preferred endpoint', () => {
    a.options.preferredEndpointType = 'hostname';
    expect(a.cluster.route(request(ELSEWHERE))).toBe('MOVED 6000 b.example:7000');
    expect(a.cluster.route(request(16000))).toBe('MOVED 16000 ?:7000');
    a.options.preferredEndpointType = 'unknown-endpoint';
    expect(a.cluster.route(request(ELSEWHERE))).toBe('MOVED 6000 :7000');
    a.options.preferredEndpointType = 'ip';
  });

  it('is refused while the cluster is down, but for what the options allow', () => {
    const lone = new SimulatedCluster(2).addNode();
    expect(lone.cluster.route(request(OWN))).toBe('CLUSTERDOWN Hash slot not served');
    expect(lone.cluster.route(request(OWN, { crossesSlots: true }))).toMatch(/not served/);
    lone.do((cluster) => cluster.administration.addSlots([{ first: 0, last: 10 }]));
    const down = 'CLUSTERDOWN The cluster is down';
    expect(lone.cluster.route(request(OWN, { crossesSlots: true }))).toMatch(/^CROSSSLOT/);
    expect(lone.cluster.route(request(OWN))).toBe(down);
    expect(lone.cluster.route(request(OWN, { shardedPubsub: true }))).toBeNull();
    lone.options.allowPubsubShardWhenDown = false;
    expect(lone.cluster.route(request(OWN, { shardedPubsub: true }))).toBe(down);
    lone.options.allowReadsWhenDown = true;
    expect(lone.cluster.route(request(OWN))).toBeNull();
    expect(lone.cluster.route(request(OWN, { write: true }))).toBe(
      'CLUSTERDOWN The cluster is down and only accepts read commands',
    );
  });
});

describe('a blocked client', () => {
  const blocked = { write: true, readonly: false, plain: false };

  it('waits on where the slot is served or imported, and is sent away elsewhere', () => {
    expect(a.cluster.routeBlocked({ slot: OWN, ...blocked })).toBeNull();
    expect(b.cluster.routeBlocked({ slot: OPEN, ...blocked })).toBeNull();
    expect(a.cluster.routeBlocked({ slot: ELSEWHERE, ...blocked })).toBe(`MOVED 6000 ${b.ip}:7000`);
    expect(replica.cluster.routeBlocked({ slot: OWN, ...blocked })).toMatch(/^MOVED/);
    expect(replica.cluster.routeBlocked({ slot: OWN, ...blocked, readonly: true, write: false })).toBeNull();
  });
});
