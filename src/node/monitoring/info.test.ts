import { describe, expect, it } from 'vitest';
import { commandTable } from '../../commands/index.js';
import { Keyspace } from '../../keyspace/keyspace.js';
import { fromLatin1 } from '../../protocol/bytes.js';
import { Config } from '../config/index.js';
import { humanBytes, type InfoSource, infoText } from './info.js';
import { Rates } from './rates.js';
import { Statistics } from './statistics.js';

function source(changes: Partial<InfoSource> = {}): InfoSource {
  const keyspace = new Keyspace({
    databases: 2,
    clusterMode: false,
    random: () => 1,
    listener: { expiring() {} },
  });
  return {
    config: new Config(),
    statistics: new Statistics(commandTable.all.length),
    rates: new Rates(),
    keyspace,
    commands: commandTable,
    now: 5000,
    processId: 42,
    platform: { system: 'Linux 6.1 x86_64', executable: '/bin/hexis', memoryBytes: 2 ** 30 },
    runId: 'a'.repeat(40),
    shutdownIn: -1,
    usage: { systemSeconds: 0.5, userSeconds: 0.25 },
    memory: {
      used: 600,
      overhead: 100,
      peak: 700,
      resident: 1024,
      backlog: 0,
      unsent: 0,
      clientBuffers: 0,
      appendBuffer: 0,
      clusterLinks: 0,
      arenaUsed: 500,
      arenaReserved: 800,
      clients: 3,
    },
    clients: {
      connected: 3,
      blocked: 1,
      tracking: 2,
      clusterConnections: 0,
      recentPeak: { input: 10, output: 20 },
    },
    messaging: {
      channels: 1,
      patterns: 2,
      shardChannels: 3,
      trackedKeys: 4,
      trackedItems: 5,
      trackedPrefixes: 6,
    },
    migrationLinks: 0,
    replication: {
      master: null,
      replicas: [],
      failoverState: 'no-failover',
      served: { fullSyncs: 0, partialSyncs: 0, refusedPartialSyncs: 0, sentBytes: 0 },
      receivedBytes: 0,
      id: 'b'.repeat(40),
      secondId: '0'.repeat(40),
      offset: 7,
      secondOffset: -1,
      backlog: null,
    },
    scripting: { scripts: 0, functions: 0, libraries: 0, evaluationBytes: 0, functionBytes: 0 },
    persistence: {
      loading: false,
      loadingBesides: false,
      progress: null,
      keysLoaded: 0,
      keysExpired: 0,
      lastSave: 4,
      lastSaveOk: true,
      lastSaveSeconds: -1,
      saveRunningSeconds: -1,
      saves: 0,
      saving: null,
      appendOnly: {
        enabled: false,
        rewriteRunning: false,
        rewriteScheduled: false,
        lastRewriteSeconds: -1,
        rewriteRunningSeconds: -1,
        lastRewriteOk: true,
        rewrites: 0,
        lastWriteOk: true,
        currentSize: 0,
        baseSize: 0,
        bufferBytes: 0,
      },
    },
    ...changes,
  };
}

const titles = (text: string) => [...text.matchAll(/^# (.*)\r$/gm)].map(([, title]) => title);

const DEFAULT = [
  'Server',
  'Clients',
  'Memory',
  'Persistence',
  'Stats',
  'Replication',
  'CPU',
  'Modules',
  'Errorstats',
  'Cluster',
  'Keyspace',
];

describe('INFO', () => {
  it('has the sections of Redis, in its order', () => {
    expect(titles(infoText([], source()))).toEqual(DEFAULT);
    expect(titles(infoText(['DEFAULT'], source()))).toEqual(DEFAULT);
    const all = titles(infoText(['all'], source()));
    expect(all.filter((title) => !DEFAULT.includes(title))).toEqual(['Commandstats', 'Latencystats']);
    expect(titles(infoText(['everything'], source()))).toEqual(all);
    expect(titles(infoText(['cpu', 'server', 'nonsense'], source()))).toEqual(['Server', 'CPU']);
    expect(infoText(['sentinel'], source())).toBe('');
  });

  it('says which Redis and which Hexis it is', () => {
    const text = infoText(['server'], source());
    expect(text).toMatch(/^# Server\r\nredis_version:7\.0\.15\r\n/);
    expect(text).toMatch(/\r\nhexis_version:\d+\.\d+\.\d+\r\n/);
    expect(text).toContain('\r\nuptime_in_seconds:5\r\n');
  });

  it('counts commands and errors', () => {
    const facts = source();
    const get = commandTable.all.find(({ fullName }) => fullName === 'get')!;
    facts.statistics.calls[get.id] = 4;
    facts.statistics.microseconds[get.id] = 10;
    facts.statistics.failed[get.id] = 1;
    facts.statistics.countError('WRONGTYPE');
    facts.statistics.countError('ERR');
    facts.statistics.countError('ERR');
    expect(infoText(['commandstats'], facts)).toBe(
      '# Commandstats\r\ncmdstat_get:calls=4,usec=10,usec_per_call=2.50,rejected_calls=0,failed_calls=1\r\n',
    );
    expect(infoText(['errorstats'], facts)).toBe(
      '# Errorstats\r\nerrorstat_ERR:count=2\r\nerrorstat_WRONGTYPE:count=1\r\n',
    );
  });

  it('counts keys of databases that have some', () => {
    const facts = source();
    const key = fromLatin1('k');
    facts.keyspace.databases[1].setString(key, 0, 1, key, 0, 1);
    expect(infoText(['keyspace'], facts)).toBe('# Keyspace\r\ndb1:keys=1,expires=0,avg_ttl=0\r\n');
  });

  it('describes replicas and masters', () => {
    const replica = { address: '127.0.0.1', port: 7003, state: 'online', offset: 5, lag: 0 } as const;
    const { replication } = source();
    const asMaster = infoText(
      ['replication'],
      source({ replication: { ...replication, replicas: [replica] } }),
    );
    expect(asMaster).toContain('role:master\r\nconnected_slaves:1\r\n');
    expect(asMaster).toContain('slave0:ip=127.0.0.1,port=7003,state=online,offset=5,lag=0\r\n');
    const master = {
      host: '::1',
      port: 7000,
      linkUp: false,
      lastHeard: -1,
      transfer: { received: 150, size: 200, lastHeard: 1 },
      readOffset: 5,
      offset: 5,
      downFor: 3,
    };
    const asReplica = infoText(['replication'], source({ replication: { ...replication, master } }));
    expect(asReplica).toContain(
      'role:slave\r\nmaster_host:::1\r\nmaster_port:7000\r\nmaster_link_status:down\r\n',
    );
    expect(asReplica).toContain(
      'master_sync_total_bytes:200\r\nmaster_sync_read_bytes:150\r\nmaster_sync_left_bytes:50\r\n' +
        'master_sync_perc:75.00\r\nmaster_sync_last_io_seconds_ago:1\r\n',
    );
    expect(asReplica).toContain('master_link_down_since_seconds:3\r\nslave_priority:100\r\n');
  });

  it('writes sizes for people', () => {
    expect([0, 1023, 1024, 1536, 1048576, 5 * 2 ** 30].map(humanBytes)).toEqual([
      '0B',
      '1023B',
      '1.00K',
      '1.50K',
      '1.00M',
      '5.00G',
    ]);
  });
});
