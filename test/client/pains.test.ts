/**
 * What has gone wrong with other clients again and again, one test for each, named after the issue. The nodes are made up,
 * so that they fail at the very moment that matters.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AllNodesFailedError, connect, createCluster } from '../../src/client/index.js';
import { slotOf } from '../../src/client/keys.js';
import { type Answer, bulk, error, slotsReply } from './fake-cluster.js';
import { at, HALF, kept, keyIn, node, outcomeOf, serve, twoHalves, until } from './fake-scene.js';
import { bundleClient, ROOT } from './program.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hexis-pains-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('stale slots', () => {
  it('node-redis#2806: the slots of a node that has left are found at the node that took them', async () => {
    const countsOne: Answer = ([name]) => (name === 'DBSIZE' ? ':1\r\n' : undefined);
    const [lower, upper] = await twoHalves(countsOne);
    const client = kept(await connect(lower.address));
    expect(await client.dbSize()).toBe(2);
    serve([lower], () => slotsReply([[0, 16383, at(lower)]]), countsOne);
    lower.data.set(keyIn('upper'), 'moved');
    await upper.stop();
    expect(await client.get(keyIn('upper'))).toBe('moved');
    expect(await client.dbSize()).toBe(1);
  });

  it('ioredis#1732: a cluster whose every address has changed is found again by its seeds', async () => {
    const seed = await node();
    const before = await node();
    serve([seed, before], () => slotsReply([[0, 16383, at(before)]]));
    const client = kept(await connect(seed.address));
    await client.set('k', 'before');
    const after = await node();
    after.data.set('k', 'after');
    serve([seed, after], () => slotsReply([[0, 16383, at(after)]]));
    await before.stop();
    expect(await client.get('k')).toBe('after');
  });

  it('takes the view of most nodes, not that of one that was cut off', async () => {
    const [a, b, c, gone] = [await node(), await node(), await node(), await node()];
    const whole = () =>
      slotsReply([
        [0, 99, at(a)],
        [100, 199, at(b)],
        [200, 16383, at(c)],
      ]);
    serve([b, c], whole);
    serve([a, gone], () => slotsReply([[0, 16383, at(gone)]]));
    const client = kept(createCluster([a.address, b.address, c.address]));
    await client.get('k');
    expect(gone.count('GET')).toBe(0);
  });
});

describe('connections that are dead or slow', () => {
  it('ioredis#559: a half-open connection is given up, and commands go on over another', async () => {
    const [lower] = await twoHalves();
    const client = kept(await connect(lower.address, { commandTimeout: 100 }));
    await client.set(keyIn('lower'), 1);
    lower.silent = true;
    const failure = await outcomeOf(client.incr(keyIn('lower')));
    expect(failure).toMatchObject({ name: 'TimeoutError', outcome: 'unknown' });
    const closed = client.get(keyIn('lower')).catch(() => 'late');
    await closed;
    lower.silent = false;
    expect(await client.with({ timeout: 5000 }).get(keyIn('lower'))).toBe('1');
  });

  it('node-redis PR#3008: the time limit counts also once the command was sent', async () => {
    const [lower] = await twoHalves(([name]) => (name === 'GET' ? '' : undefined));
    const client = kept(await connect(lower.address));
    const failure = await outcomeOf(client.with({ timeout: 40 }).get('k'));
    expect(failure).toMatchObject({ name: 'TimeoutError', outcome: 'unknown', command: 'GET' });
    const aborted = await outcomeOf(client.with({ signal: AbortSignal.timeout(20) }).get('k'));
    expect(aborted).toMatchObject({ name: 'AbortError', outcome: 'unknown' });
  });

  it('glide#4990: a shard that does not answer holds up no other', async () => {
    const [lower, upper] = await twoHalves();
    const client = kept(await connect(lower.address, { commandTimeout: 300 }));
    await client.mGet([keyIn('lower'), keyIn('upper')]);
    upper.silent = true;
    let settled = 0;
    const stuck = Array.from({ length: 100 }, (_, i) =>
      client
        .incr(keyIn('upper', i))
        .catch(() => 0)
        .finally(() => settled++),
    );
    for (let i = 0; i < 100; i++) expect(await client.incr(keyIn('lower', i))).toBe(1);
    expect(settled).toBe(0);
    await Promise.all(stuck);
  });

  it('ioredis: a write is not sent again after a reconnect, a read is', async () => {
    let cut = true;
    const [lower] = await twoHalves(([name], socket) => {
      if (!cut || (name !== 'INCR' && name !== 'GET')) return undefined;
      cut = false;
      socket.destroy();
      return '';
    });
    const client = kept(await connect(lower.address));
    const failure = await outcomeOf(client.incr(keyIn('lower')));
    expect(failure).toMatchObject({ name: 'ConnectionLostError', outcome: 'unknown', attempts: 1 });
    expect(lower.count('INCR')).toBe(1);
    cut = true;
    expect(await client.get(keyIn('lower'))).toBeNull();
    expect(lower.count('GET')).toBe(2);
  });

  it("ioredis#1110: no 'error' event and no unhandled rejection ends the process", async () => {
    const [lower, upper] = await twoHalves(([name], socket) => {
      if (name === 'BOOM') socket.destroy();
      return name === 'BOOM' ? '' : undefined;
    });
    const outfile = await bundleClient(folder);
    const program = `
      import { connect, createCluster } from ${JSON.stringify(outfile)};
      const client = await connect('${lower.address}');
      for (const key of ['${keyIn('lower')}', '${keyIn('upper')}']) {
        await client.call('BOOM', key).catch(() => {});
        await client.get(key);
      }
      const nowhere = createCluster('127.0.0.1:1', { commandTimeout: 50 });
      await nowhere.get('k').catch(() => {});
      nowhere.destroy();
      await client.close();
      console.log('alive');`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
    expect(stdout).toBe('alive\n');
    expect(lower.count('BOOM') + upper.count('BOOM')).toBe(2);
  });
});

describe('addresses', () => {
  it.each([
    ['node-redis#2815', null],
    ['node-redis#2213', ''],
    ['ioredis#1173', '?'],
  ] as const)('%s: a node that does not know its own host (%j) is the one that was asked', async (_, host) => {
    const lone = await node();
    serve([lone], () => slotsReply([[0, 16383, [host, lone.port]]]));
    const client = kept(await connect(lone.address));
    expect(await client.set('k', 1)).toBe('OK');
  });

  it('node-redis#2815: addresses from inside Docker are translated, in the map and in redirections', async () => {
    const [lower, upper] = await twoHalves();
    const inside = new Map([
      ['172.17.0.2:6379', lower.address],
      ['172.17.0.3:6379', upper.address],
    ]);
    let split = false;
    serve(
      [lower, upper],
      () =>
        slotsReply(
          split
            ? [
                [0, HALF, ['172.17.0.2', 6379]],
                [HALF + 1, 16383, ['172.17.0.3', 6379]],
              ]
            : [[0, 16383, ['172.17.0.2', 6379]]],
        ),
      (words, _socket, self) => {
        split ||= words[0] === 'GET';
        const misplaced = words[0] === 'GET' && slotOf(words[1]) > HALF && self === lower;
        return misplaced ? error(`MOVED ${slotOf(words[1])} 172.17.0.3:6379`) : undefined;
      },
    );
    const client = kept(await connect(lower.address, { addressMap: Object.fromEntries(inside) }));
    upper.data.set(keyIn('upper'), 'here');
    expect(await client.get(keyIn('upper'))).toBe('here');
  });

  it('node-redis#3117: nodes that are discovered are spoken to over TLS and with credentials, too', async () => {
    const tls = certificateFor('localhost');
    const loggedIn: string[] = [];
    const guard: Answer = (words) => {
      if (words[0] === 'HELLO') loggedIn.push(words.slice(2).join(' '));
      return undefined;
    };
    const [seed, other] = [await node(undefined, { tls }), await node(undefined, { tls })];
    serve([seed, other], () => slotsReply([[0, 16383, ['localhost', other.port]]]), guard);
    const client = kept(
      await connect(`rediss://ada:engine@localhost:${seed.port}`, { tls: { ca: tls.cert } }),
    );
    expect(await client.set('k', 1)).toBe('OK');
    expect(other.count('SET')).toBe(1);
    expect(loggedIn).toEqual(['AUTH ada engine', 'AUTH ada engine']);
  });

  it('ioredis#1816: a managed TLS cluster that announces IP addresses needs no dnsLookup trick', async () => {
    const tls = certificateFor('localhost');
    const seed = await node(undefined, { tls });
    serve([seed], () => slotsReply([[0, 16383, at(seed)]]));
    const client = kept(await connect(`rediss://localhost:${seed.port}`, { tls: { ca: tls.cert } }));
    expect(await client.set('k', 1)).toBe('OK');
    // A certificate that names neither the node's address nor the name that was given is refused.
    const stranger = certificateFor('elsewhere.example');
    const impostor = await node(undefined, { tls: stranger });
    const refused = connect(`rediss://localhost:${impostor.port}`, { tls: { ca: stranger.cert } });
    await expect(refused).rejects.toThrow(/localhost/);
  });

  it('ioredis#1103: "all nodes failed" names the reason for each', async () => {
    const locked = await node((words) =>
      words[0] === 'HELLO' || words[0] === 'CLUSTER' ? error('NOAUTH Authentication required.') : undefined,
    );
    const empty = await node((words) => (words[0] === 'CLUSTER' ? '*0\r\n' : undefined));
    const gone = await node();
    await gone.stop();
    const failure = await connect([locked.address, empty.address, gone.address]).catch((reason) => reason);
    expect(failure).toBeInstanceOf(AllNodesFailedError);
    expect(failure.message).toMatch(new RegExp(`${locked.address}: .*NOAUTH`));
    expect(failure.message).toMatch(new RegExp(`${empty.address}: it knows no slots`));
    expect(failure.message).toMatch(new RegExp(`${gone.address}: .*ECONNREFUSED`));
    expect([...failure.reasons.keys()]).toEqual([locked.address, empty.address, gone.address]);
  });
});

describe('slots on the move', () => {
  it('ioredis#2075: no command of a batch is lost or run twice when its slots move', async () => {
    const [lower, upper] = await twoHalves();
    let moved = false;
    const halves = () =>
      slotsReply(
        moved
          ? [[0, 16383, at(upper)]]
          : [
              [0, HALF, at(lower)],
              [HALF + 1, 16383, at(upper)],
            ],
      );
    let incremented = 0;
    serve([lower, upper], halves, (words, _socket, self) => {
      if (words[0] !== 'INCR' || self !== lower) return undefined;
      moved ||= ++incremented > 100; // in the middle of the batch
      return moved ? error(`MOVED ${slotOf(words[1])} ${upper.address}`) : undefined;
    });
    const client = kept(await connect(lower.address));
    const keys = Array.from({ length: 1000 }, (_, i) => `counter:${i}`);
    const counts = await Promise.all(keys.map((key) => client.incr(key)));
    expect(new Set(counts)).toEqual(new Set([1]));
    expect(lower.data.size + upper.data.size).toBe(1000);
  });

  it('ioredis#1734: a pipeline may concern any slots; results come in order, each failing by itself', async () => {
    const [lower] = await twoHalves(([name, key]) =>
      name === 'INCR' && key === 'bad' ? error('ERR not an integer') : undefined,
    );
    const client = kept(await connect(lower.address));
    const results = await Promise.allSettled([
      client.set(keyIn('lower'), 'a'),
      client.get(keyIn('lower')),
      client.incr('bad'),
      client.set(keyIn('upper'), 'b'),
      client.get(keyIn('upper')),
    ]);
    expect(
      results.map((result) => (result.status === 'fulfilled' ? result.value : result.reason.message)),
    ).toEqual(['OK', 'a', 'ERR not an integer', 'OK', 'b']);
  });

  it.each([
    'TRYAGAIN',
    'CLUSTERDOWN',
    'LOADING',
    'MASTERDOWN',
    'READONLY',
  ])('node-redis: %s passes, so the command is tried again within its limit', async (code) => {
    let refusals = 3;
    const [lower] = await twoHalves(([name]) =>
      name === 'INCR' && refusals-- > 0 ? error(`${code} not now`) : undefined,
    );
    const client = kept(await connect(lower.address));
    expect(await client.incr(keyIn('lower'))).toBe(1);
    refusals = Number.POSITIVE_INFINITY;
    // Its time is up while it waits, not while it is being tried once more.
    const patient = kept(await connect(lower.address, { retryPause: { first: 1000, longest: 1000 } }));
    const failure = await outcomeOf(patient.with({ timeout: 60 }).incr(keyIn('lower')));
    expect(failure).toMatchObject({
      name: 'TimeoutError',
      outcome: 'not executed',
      slot: slotOf(keyIn('lower')),
    });
    expect(failure.message).toContain(`${code} not now`);
  });

  it('node-redis#3311: a sharded channel is subscribed again where its slot went, and the gap is told', async () => {
    const [lower, upper] = await twoHalves();
    const channel = keyIn('lower');
    const confirmation = `>3\r\n${bulk('ssubscribe')}${bulk(channel)}:1\r\n`;
    const message = (text: string) => `>3\r\n${bulk('smessage')}${bulk(channel)}${bulk(text)}`;
    let moved = false;
    let listener: { write(text: string): unknown } | undefined;
    serve(
      [lower, upper],
      () =>
        slotsReply(
          moved
            ? [[0, 16383, at(upper)]]
            : [
                [0, HALF, at(lower)],
                [HALF + 1, 16383, at(upper)],
              ],
        ),
      ([name], socket, self) => {
        if (name !== 'SSUBSCRIBE') return undefined;
        if (moved && self === lower) return error(`MOVED ${slotOf(channel)} ${upper.address}`);
        listener = socket;
        return confirmation;
      },
    );
    const client = kept(await connect(lower.address));
    const heard: string[] = [];
    const gap = new Promise<Error>((onGap) => {
      void client
        .sSubscribe(channel, (text) => heard.push(text), { onGap })
        .then(() => {
          listener!.write(message('before'));
          moved = true;
          listener!.write(`>3\r\n${bulk('sunsubscribe')}${bulk(channel)}:0\r\n`);
        });
    });
    expect((await gap).message).toContain('has moved');
    await until(() => upper.count('SSUBSCRIBE') === 1);
    listener!.write(message('after'));
    await until(() => heard.length === 2);
    expect(heard).toEqual(['before', 'after']);
  });
});

describe('replicas', () => {
  it('node-redis#2704: a shard without replicas is read from its master', async () => {
    const [lower] = await twoHalves();
    for (const readFrom of ['replica', 'any', 'nearest'] as const) {
      const client = kept(await connect(lower.address, { readFrom }));
      expect(await client.get(keyIn('lower'))).toBeNull();
    }
  });

  it('ioredis#358: a replica that is loading its data is passed over', async () => {
    const [master, replica] = [await node(), await node()];
    serve(
      [master, replica],
      () => slotsReply([[0, 16383, at(master), at(replica)]]),
      (words, _socket, self) =>
        words[0] === 'GET' && self === replica
          ? error('LOADING Redis is loading the dataset in memory')
          : undefined,
    );
    master.data.set('k', 'value');
    const client = kept(await connect(master.address, { readFrom: 'replica' }));
    expect(await client.get('k')).toBe('value');
    expect(await client.get('k')).toBe('value');
    expect(replica.count('GET')).toBe(1);
  });

  it('the replica in the zone of the client is found, though the master is in that zone, too', async () => {
    const zones = ['here', 'there', 'here'];
    const [master, far, near] = [await node(), await node(), await node()];
    const all = [master, far, near];
    serve(
      all,
      () => slotsReply([[0, 16383, at(master), at(far), at(near)]]),
      ([name], _socket, self) =>
        name === 'INFO' ? bulk(`availability_zone:${zones[all.indexOf(self)]}\r\n`) : undefined,
    );
    const client = kept(await connect(master.address, { readFrom: 'zone', zone: 'here' }));
    await client.set('k', 'value');
    near.data.set('k', 'value');
    for (let i = 0; i < 10; i++) await client.get('k');
    expect(master.count('GET')).toBe(0);
    expect(far.count('GET')).toBeLessThanOrEqual(1);
    expect(await client.get('k')).toBe('value');
  });
});

describe('types', () => {
  it('node-redis#2975: they give the compiler little to do', () => {
    const common = [
      '--strict',
      '--target',
      'es2022',
      '--module',
      'nodenext',
      '--skipLibCheck',
      '--types',
      'node',
    ];
    const compiler = join(ROOT, 'node_modules/.bin/tsc');
    const declarations = ['--declaration', '--emitDeclarationOnly', '--noCheck', '--outDir', folder];
    const compile = (...options: string[]) =>
      execFileSync(compiler, ['--ignoreConfig', ...common, ...options], { cwd: ROOT, encoding: 'utf8' });
    compile(...declarations, 'src/client/index.ts');
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    /** What the compiler counts in a program; unlike its time, always the same. */
    const counts = (program: string) => {
      const file = join(folder, 'program.mts');
      writeFileSync(file, program);
      const report = compile('--noEmit', '--extendedDiagnostics', '--typeRoots', 'node_modules/@types', file);
      return ['Types', 'Instantiations'].map((what) =>
        Number(new RegExp(`^${what}: +(\\d+)`, 'm').exec(report)![1]),
      );
    };
    const ours = `import { createCluster } from ${JSON.stringify(join(folder, 'client/index.js'))};
      const client = createCluster('localhost:7000');
      await client.set('k', 'v', { ex: 60 });
      const [count, fields] = await client.multi((t) => [t.incr('n'), t.hGetAll('h')]);
      console.log(await client.get('k'), count, fields);`;
    const theirs = `import { createCluster } from 'redis';
      const client = createCluster({ rootNodes: [{ url: 'redis://localhost:7000' }] });
      await client.set('k', 'v', { EX: 60 });
      const [count, fields] = await client.multi().incr('n').hGetAll('h').exec();
      console.log(await client.get('k'), count, fields);`;
    const nothing = counts('console.log(1)');
    const [own, other] = [ours, theirs].map((program) => counts(program).map((n, i) => n - nothing[i]));
    own.forEach((n, i) => {
      expect(n).toBeLessThan(other[i] / 3);
    });
  }, 90_000);
});

/** The certificate for this name, and its key. */
function certificateFor(name: string): { cert: Buffer; key: Buffer } {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const request = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '1',
  ];
  const subject = [
    '-subj',
    `/CN=${name}`,
    '-addext',
    `subjectAltName=DNS:${name}`,
    '-keyout',
    key,
    '-out',
    cert,
  ];
  execFileSync('openssl', [...request, ...subject], { stdio: 'ignore' });
  return { cert: readFileSync(cert), key: readFileSync(key) };
}
