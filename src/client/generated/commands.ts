/**
 * The commands: what the client must know to route each, and a typed method for it.
 *
 * GENERATED SHAPE. `npm run generate` writes this file from the command table; until then it is written by hand
 * for strings, keys and the server. What the generator has to produce:
 *
 * 1. One `define(name, firstKey, lastKey, keyStep, traits)` per command and subcommand, in the table's order,
 *    kept in a constant named after it (`CONFIG_GET`) if it has a method. Cacheable is what reads one key and whose
 *    output is determined by it (no NONDETERMINISTIC_OUTPUT tip: not TTL). `define` also enters it in the routing
 *    table, from which `client.call` takes it.
 * 2. One options interface per command that has optional arguments (`SetOptions`): a property per token, camel
 *    case; a token without argument is `true`.
 * 3. The abstract class `Commands<Text>`: one method per command, named as node-redis names it, with an
 *    explicit signature (no conditional or mapped types, so that checking stays fast). `Text` is what bulk
 *    strings are given as: `string`, or `Uint8Array` for `client.bytes`. Prototype methods, so a client
 *    costs nothing however many commands there are.
 *    - One key and fixed arguments: `this.send(INFO, '*N\r\n$L\r\nNAME\r\n' + bulks, keyInWireForm)`. The constant
 *      part is encoded at generation time.
 *    - Anything else: `this.sendArgs(INFO, [NAME, …])`, which also spreads over slots and nodes as the traits say.
 *    - No method, only `define`, for what the client does itself: MULTI and its kin, WATCH, EVAL and EVALSHA, SCAN,
 *      SUBSCRIBE and its kin, AUTH, HELLO, SELECT, QUIT, RESET, MONITOR.
 *    - A last parameter of `send` and `sendArgs` turns the reply into the promised type where RESP2 and RESP3
 *      differ or the reply is not what JavaScript programs expect.
 */
import { type Entries, type Key, pushEntries, type Value } from '../arguments.js';
import type { CommandInfo } from '../command-info.js';
import { type Argument, bulk, bulkOfWire, wire } from '../encode.js';
import type { Transform } from '../request.js';
import { define, defineRest, type Traits } from '../routing.js';
import { toBoolean, toNumber, toRecord } from '../transforms.js';
import { ROUTES } from './routes.js';

const READ: Traits = { readOnly: true };
const CACHEABLE: Traits = { readOnly: true, cacheable: true };
const EVERY_MASTER: Traits = { request: 'all-masters', response: 'all-succeeded' };
const EVERY_NODE: Traits = { request: 'all-nodes', response: 'all-succeeded' };
const COUNT_READ: Traits = { readOnly: true, request: 'per-slot', response: 'sum' };
const COUNT_WRITE: Traits = { request: 'per-slot', response: 'sum' };

const APPEND = define('APPEND', 1, 1, 1);
const CONFIG_GET = define('CONFIG GET', 0, 0, 0, READ);
const CONFIG_SET = define('CONFIG SET', 0, 0, 0, EVERY_NODE);
const COPY = define('COPY', 1, 2, 1);
const DBSIZE = define('DBSIZE', 0, 0, 0, { readOnly: true, request: 'all-masters', response: 'sum' });
const DECR = define('DECR', 1, 1, 1);
const DECRBY = define('DECRBY', 1, 1, 1);
const DEL = define('DEL', 1, -1, 1, COUNT_WRITE);
const ECHO = define('ECHO', 0, 0, 0, READ);
const EXISTS = define('EXISTS', 1, -1, 1, COUNT_READ);
const EXPIRE = define('EXPIRE', 1, 1, 1);
const EXPIREAT = define('EXPIREAT', 1, 1, 1);
const EXPIRETIME = define('EXPIRETIME', 1, 1, 1, READ);
const FLUSHALL = define('FLUSHALL', 0, 0, 0, EVERY_MASTER);
const FLUSHDB = define('FLUSHDB', 0, 0, 0, EVERY_MASTER);
const GET = define('GET', 1, 1, 1, CACHEABLE);
const GETDEL = define('GETDEL', 1, 1, 1);
const GETEX = define('GETEX', 1, 1, 1);
const GETRANGE = define('GETRANGE', 1, 1, 1, CACHEABLE);
const INCR = define('INCR', 1, 1, 1);
const INCRBY = define('INCRBY', 1, 1, 1);
const INCRBYFLOAT = define('INCRBYFLOAT', 1, 1, 1);
const INFO = define('INFO', 0, 0, 0, READ);
const KEYS = define('KEYS', 0, 0, 0, { readOnly: true, request: 'all-masters', response: 'concatenate' });
const MGET = define('MGET', 1, -1, 1, { readOnly: true, request: 'per-slot', response: 'in-key-order' });
const MSET = define('MSET', 1, -1, 2, { request: 'per-slot', response: 'all-succeeded' });
const MSETNX = define('MSETNX', 1, -1, 2);
const PERSIST = define('PERSIST', 1, 1, 1);
const PEXPIRE = define('PEXPIRE', 1, 1, 1);
const PEXPIREAT = define('PEXPIREAT', 1, 1, 1);
const PEXPIRETIME = define('PEXPIRETIME', 1, 1, 1, READ);
const PING = define('PING', 0, 0, 0, READ);
const PTTL = define('PTTL', 1, 1, 1, READ);
const PUBLISH = define('PUBLISH', 0, 0, 0);
const RANDOMKEY = define('RANDOMKEY', 0, 0, 0, READ);
const RENAME = define('RENAME', 1, 2, 1);
const RENAMENX = define('RENAMENX', 1, 2, 1);
const SET = define('SET', 1, 1, 1);
const SETRANGE = define('SETRANGE', 1, 1, 1);
const SPUBLISH = define('SPUBLISH', 1, 1, 1);
const STRLEN = define('STRLEN', 1, 1, 1, CACHEABLE);
const TOUCH = define('TOUCH', 1, -1, 1, COUNT_WRITE);
const TTL = define('TTL', 1, 1, 1, READ);
const TYPE = define('TYPE', 1, 1, 1, CACHEABLE);
const UNLINK = define('UNLINK', 1, -1, 1, COUNT_WRITE);

// Commands that have no method yet and that `call` must route other than by their first argument.
define('SCRIPT LOAD', 0, 0, 0, { request: 'all-masters', response: 'all-succeeded' });
define('SCRIPT FLUSH', 0, 0, 0, EVERY_MASTER);
define('FUNCTION LOAD', 0, 0, 0, { request: 'all-masters', response: 'all-succeeded' });
define('WAIT', 0, 0, 0, { request: 'all-masters', response: 'minimum' });
define('HGET', 1, 1, 1, CACHEABLE);
defineRest(ROUTES);

/** When a written key expires. At most one of them. */
export interface ExpiryOptions {
  /** In so many seconds. */
  readonly ex?: number;
  /** In so many milliseconds. */
  readonly px?: number;
  /** At this Unix time in seconds. */
  readonly exat?: number;
  /** At this Unix time in milliseconds. */
  readonly pxat?: number;
}

export interface SetOptions extends ExpiryOptions {
  /** Keep the expiry that the key has. */
  readonly keepttl?: boolean;
  /** Only if the key does not exist. */
  readonly nx?: boolean;
  /** Only if the key exists. */
  readonly xx?: boolean;
}

export interface GetExOptions extends ExpiryOptions {
  /** Remove the expiry. */
  readonly persist?: boolean;
}

export interface ExpireOptions {
  /** Only if the key has no expiry, has one, or the new one is later or sooner. */
  readonly condition?: 'NX' | 'XX' | 'GT' | 'LT';
}

function expiryArgs(options: ExpiryOptions, args: Argument[]): void {
  if (options.ex !== undefined) args.push('EX', options.ex);
  if (options.px !== undefined) args.push('PX', options.px);
  if (options.exat !== undefined) args.push('EXAT', options.exat);
  if (options.pxat !== undefined) args.push('PXAT', options.pxat);
}

function setArgs(key: Key, value: Value, options: SetOptions): Argument[] {
  const args: Argument[] = ['SET', key, value];
  expiryArgs(options, args);
  if (options.keepttl) args.push('KEEPTTL');
  if (options.nx) args.push('NX');
  if (options.xx) args.push('XX');
  return args;
}

export abstract class Commands<Text = string> {
  /**
   * Sends a command that is encoded already to the node of `key`, in wire form. PUBLISH gives its channel for one: all
   * messages of a channel go through the same node and so stay in order.
   */
  protected abstract send<T>(
    info: CommandInfo,
    payload: string,
    key?: string,
    transform?: Transform,
  ): Promise<T>;
  /** Sends a command given by its arguments, to as many nodes as it concerns. */
  protected abstract sendArgs<T>(
    info: CommandInfo,
    args: readonly Argument[],
    transform?: Transform,
  ): Promise<T>;

  /** Appends to the string; answers its new length. */
  append(key: Key, value: Value): Promise<number> {
    const name = wire(key);
    return this.send(APPEND, `*3\r\n$6\r\nAPPEND\r\n${bulkOfWire(name)}${bulk(value)}`, name);
  }

  configGet(...parameters: string[]): Promise<Record<string, string>> {
    return this.sendArgs(CONFIG_GET, ['CONFIG', 'GET', ...parameters], toRecord);
  }

  /** Sets a configuration parameter on every node. */
  configSet(parameter: string, value: Value): Promise<'OK'> {
    return this.sendArgs(CONFIG_SET, ['CONFIG', 'SET', parameter, value]);
  }

  copy(source: Key, destination: Key, options: { readonly replace?: boolean } = {}): Promise<boolean> {
    const args: Argument[] = ['COPY', source, destination];
    if (options.replace) args.push('REPLACE');
    return this.sendArgs(COPY, args, toBoolean);
  }

  /** The number of keys, in the whole cluster. */
  dbSize(): Promise<number> {
    return this.sendArgs(DBSIZE, ['DBSIZE']);
  }

  decr(key: Key): Promise<number> {
    const name = wire(key);
    return this.send(DECR, `*2\r\n$4\r\nDECR\r\n${bulkOfWire(name)}`, name);
  }

  decrBy(key: Key, decrement: number | bigint): Promise<number> {
    const name = wire(key);
    return this.send(DECRBY, `*3\r\n$6\r\nDECRBY\r\n${bulkOfWire(name)}${bulk(decrement)}`, name);
  }

  /** Deletes the keys, whatever their slots; answers how many existed. */
  del(...keys: Key[]): Promise<number> {
    return this.sendArgs(DEL, ['DEL', ...keys]);
  }

  echo(message: Value): Promise<Text> {
    return this.sendArgs(ECHO, ['ECHO', message]);
  }

  /** How many of the keys exist, whatever their slots. */
  exists(...keys: Key[]): Promise<number> {
    return this.sendArgs(EXISTS, ['EXISTS', ...keys]);
  }

  /** Lets the key expire in so many seconds; answers whether it was set. */
  expire(key: Key, seconds: number, options: ExpireOptions = {}): Promise<boolean> {
    return this.expiry(EXPIRE, key, seconds, options);
  }

  /** Lets the key expire at this Unix time in seconds. */
  expireAt(key: Key, seconds: number, options: ExpireOptions = {}): Promise<boolean> {
    return this.expiry(EXPIREAT, key, seconds, options);
  }

  /** Unix time in seconds at which the key expires; -1 without expiry, -2 without key. */
  expireTime(key: Key): Promise<number> {
    const name = wire(key);
    return this.send(EXPIRETIME, `*2\r\n$10\r\nEXPIRETIME\r\n${bulkOfWire(name)}`, name);
  }

  /** Deletes all keys of all masters. */
  flushAll(mode?: 'ASYNC' | 'SYNC'): Promise<'OK'> {
    return this.sendArgs(FLUSHALL, mode === undefined ? ['FLUSHALL'] : ['FLUSHALL', mode]);
  }

  /** Deletes all keys of the selected database, on all masters. */
  flushDb(mode?: 'ASYNC' | 'SYNC'): Promise<'OK'> {
    return this.sendArgs(FLUSHDB, mode === undefined ? ['FLUSHDB'] : ['FLUSHDB', mode]);
  }

  /** The string at the key, `null` when there is none. */
  get(key: Key): Promise<Text | null> {
    const name = wire(key);
    return this.send(GET, `*2\r\n$3\r\nGET\r\n${bulkOfWire(name)}`, name);
  }

  getDel(key: Key): Promise<Text | null> {
    const name = wire(key);
    return this.send(GETDEL, `*2\r\n$6\r\nGETDEL\r\n${bulkOfWire(name)}`, name);
  }

  /** The string at the key, changing its expiry. */
  getEx(key: Key, options: GetExOptions): Promise<Text | null> {
    const args: Argument[] = ['GETEX', key];
    expiryArgs(options, args);
    if (options.persist) args.push('PERSIST');
    return this.sendArgs(GETEX, args);
  }

  getRange(key: Key, start: number, end: number): Promise<Text> {
    const name = wire(key);
    return this.send(GETRANGE, `*4\r\n$8\r\nGETRANGE\r\n${bulkOfWire(name)}${bulk(start)}${bulk(end)}`, name);
  }

  incr(key: Key): Promise<number> {
    const name = wire(key);
    return this.send(INCR, `*2\r\n$4\r\nINCR\r\n${bulkOfWire(name)}`, name);
  }

  incrBy(key: Key, increment: number | bigint): Promise<number> {
    const name = wire(key);
    return this.send(INCRBY, `*3\r\n$6\r\nINCRBY\r\n${bulkOfWire(name)}${bulk(increment)}`, name);
  }

  incrByFloat(key: Key, increment: number): Promise<number> {
    const name = wire(key);
    return this.send(
      INCRBYFLOAT,
      `*3\r\n$11\r\nINCRBYFLOAT\r\n${bulkOfWire(name)}${bulk(increment)}`,
      name,
      toNumber,
    );
  }

  /** INFO of one node. */
  info(...sections: string[]): Promise<string> {
    return this.sendArgs(INFO, ['INFO', ...sections]);
  }

  /** All keys that match the pattern, of the whole cluster. For small data sets: it stops the servers meanwhile. */
  keys(pattern: Key): Promise<Text[]> {
    return this.sendArgs(KEYS, ['KEYS', pattern]);
  }

  /** The values in the order of the keys, whatever their slots; `null` where there is none. */
  mGet(keys: readonly Key[]): Promise<(Text | null)[]> {
    return this.sendArgs(MGET, ['MGET', ...keys]);
  }

  /** Sets all keys, whatever their slots. Over several slots this is not atomic. */
  mSet(entries: Entries): Promise<'OK'> {
    return this.sendArgs(MSET, pushEntries(['MSET'], entries));
  }

  /** Sets all keys, which share a slot, if none of them exists. */
  mSetNX(entries: Entries): Promise<boolean> {
    return this.sendArgs(MSETNX, pushEntries(['MSETNX'], entries), toBoolean);
  }

  persist(key: Key): Promise<boolean> {
    const name = wire(key);
    return this.send(PERSIST, `*2\r\n$7\r\nPERSIST\r\n${bulkOfWire(name)}`, name, toBoolean);
  }

  /** Lets the key expire in so many milliseconds; answers whether it was set. */
  pExpire(key: Key, milliseconds: number, options: ExpireOptions = {}): Promise<boolean> {
    return this.expiry(PEXPIRE, key, milliseconds, options);
  }

  pExpireAt(key: Key, milliseconds: number, options: ExpireOptions = {}): Promise<boolean> {
    return this.expiry(PEXPIREAT, key, milliseconds, options);
  }

  pExpireTime(key: Key): Promise<number> {
    const name = wire(key);
    return this.send(PEXPIRETIME, `*2\r\n$11\r\nPEXPIRETIME\r\n${bulkOfWire(name)}`, name);
  }

  ping(message?: Value): Promise<string> {
    return this.sendArgs(PING, message === undefined ? ['PING'] : ['PING', message]);
  }

  /** Milliseconds until the key expires; -1 without expiry, -2 without key. */
  pTTL(key: Key): Promise<number> {
    const name = wire(key);
    return this.send(PTTL, `*2\r\n$4\r\nPTTL\r\n${bulkOfWire(name)}`, name);
  }

  /** Sends a message to all subscribers of the channel, on whichever node they are. */
  publish(channel: Key, message: Value): Promise<number> {
    const name = wire(channel);
    return this.send(PUBLISH, `*3\r\n$7\r\nPUBLISH\r\n${bulkOfWire(name)}${bulk(message)}`, name);
  }

  randomKey(): Promise<Text | null> {
    return this.sendArgs(RANDOMKEY, ['RANDOMKEY']);
  }

  /** Both keys share a slot. */
  rename(key: Key, newKey: Key): Promise<'OK'> {
    return this.sendArgs(RENAME, ['RENAME', key, newKey]);
  }

  renameNX(key: Key, newKey: Key): Promise<boolean> {
    return this.sendArgs(RENAMENX, ['RENAMENX', key, newKey], toBoolean);
  }

  /** Sets the key; `null` when a condition (`nx`, `xx`) prevented it. */
  set(key: Key, value: Value): Promise<'OK'>;
  set(key: Key, value: Value, options: SetOptions): Promise<'OK' | null>;
  set(key: Key, value: Value, options?: SetOptions): Promise<'OK' | null> {
    if (options !== undefined) return this.sendArgs(SET, setArgs(key, value, options));
    const name = wire(key);
    return this.send(SET, `*3\r\n$3\r\nSET\r\n${bulkOfWire(name)}${bulk(value)}`, name);
  }

  /** Sets the key and answers what was there before (SET … GET). */
  setGet(key: Key, value: Value, options: SetOptions = {}): Promise<Text | null> {
    return this.sendArgs(SET, [...setArgs(key, value, options), 'GET']);
  }

  setRange(key: Key, offset: number, value: Value): Promise<number> {
    const name = wire(key);
    return this.send(
      SETRANGE,
      `*4\r\n$8\r\nSETRANGE\r\n${bulkOfWire(name)}${bulk(offset)}${bulk(value)}`,
      name,
    );
  }

  /** Sends a message to the subscribers of a sharded channel. */
  sPublish(channel: Key, message: Value): Promise<number> {
    const name = wire(channel);
    return this.send(SPUBLISH, `*3\r\n$8\r\nSPUBLISH\r\n${bulkOfWire(name)}${bulk(message)}`, name);
  }

  strLen(key: Key): Promise<number> {
    const name = wire(key);
    return this.send(STRLEN, `*2\r\n$6\r\nSTRLEN\r\n${bulkOfWire(name)}`, name);
  }

  touch(...keys: Key[]): Promise<number> {
    return this.sendArgs(TOUCH, ['TOUCH', ...keys]);
  }

  /** Seconds until the key expires; -1 without expiry, -2 without key. */
  ttl(key: Key): Promise<number> {
    const name = wire(key);
    return this.send(TTL, `*2\r\n$3\r\nTTL\r\n${bulkOfWire(name)}`, name);
  }

  type(key: Key): Promise<string> {
    const name = wire(key);
    return this.send(TYPE, `*2\r\n$4\r\nTYPE\r\n${bulkOfWire(name)}`, name);
  }

  /** Like `del`, but the memory is freed in the background. */
  unlink(...keys: Key[]): Promise<number> {
    return this.sendArgs(UNLINK, ['UNLINK', ...keys]);
  }

  private expiry(info: CommandInfo, key: Key, when: number, { condition }: ExpireOptions): Promise<boolean> {
    const args: Argument[] = [info.name, key, when];
    if (condition !== undefined) args.push(condition);
    return this.sendArgs(info, args, toBoolean);
  }
}
