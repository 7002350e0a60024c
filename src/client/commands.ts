/**
 * The typed commands: what `Client` and `Transaction` have in common.
 *
 * Their signatures are in `generated/methods.ts`, which costs nothing at run time; the methods themselves are made here,
 * one closure each, from the lines of `generated/table.ts`. Both are written from the server's command table. Methods
 * are properties of the prototype, so a client costs nothing however many commands there are.
 */
import { isArgument } from './arguments.js';
import type { CommandInfo } from './command-info.js';
import { type Argument, beforeArgument, encodeCommand, wire } from './encode.js';
import { follow, type Source, type Step } from './encode-plan.js';
import type { Methods } from './generated/methods.js';
import type { Transform } from './request.js';
import { type MethodEntry, methods } from './routing.js';
import { transforms } from './transforms.js';

export interface Commands<Text = string> extends Methods<Text> {}

/** `Text` is what bulk strings are given as: `string`, or `Uint8Array` for `client.bytes`. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: every method is put on the prototype below
// biome-ignore lint/correctness/noUnusedVariables: the interface uses it
export abstract class Commands<Text = string> {
  /** Sends a command that is encoded already to the node of `key`, in wire form. */
  protected abstract send(
    info: CommandInfo,
    payload: string,
    key: string,
    transform?: Transform,
  ): Promise<unknown>;
  /** Sends a command given by its words, to as many nodes as it concerns. */
  protected abstract sendArgs(
    info: CommandInfo,
    args: readonly Argument[],
    transform?: Transform,
  ): Promise<unknown>;
}

/** `Commands` as its methods see it. */
interface Sender {
  send(info: CommandInfo, payload: string, key: string, transform?: Transform): Promise<unknown>;
  sendArgs(info: CommandInfo, args: readonly Argument[], transform?: Transform): Promise<unknown>;
}

type Method = (this: Sender, ...parameters: unknown[]) => Promise<unknown>;

function methodOf(entry: MethodEntry): Method {
  const { info } = entry;
  const words = info.name.split(' ');
  const plain = plainParametersOf(entry.plan);
  // One key in front: then the words are joined without a list of them, as long as nothing else is given.
  const keyed = info.steady || (info.firstKey === words.length && info.lastKey === info.firstKey);
  const simple = keyed && plain > 0 && plain < 4 ? keyedMethod(entry, words, plain) : undefined;
  if (simple !== undefined && Number(entry.plan) === plain) return simple;
  const planned = plannedMethod(entry, words);
  if (simple === undefined) return planned;
  return function (a, b, c, d) {
    const last = plain === 1 ? a : plain === 2 ? b : c;
    const more = plain === 1 ? b : plain === 2 ? c : d;
    const enough = last !== undefined && more === undefined;
    return enough ? simple.call(this, a, b, c) : planned.call(this, a, b, c, d);
  };
}

/** How many parameters come first and one after the other, if all else is options or comes behind. */
function plainParametersOf(plan: string): number {
  const steps = stepsOf(plan);
  const others = steps.findIndex(
    ([kind, source, token], i) => kind !== 'one' || source !== i || token !== undefined,
  );
  const plain = others < 0 ? steps.length : others;
  const rest = steps.slice(plain);
  return rest.every(([kind, source]) => kind !== 'always' && typeof source === 'string') ? plain : 0;
}

type Transformed = keyof typeof transforms;

/** From the end of one argument to the text of the next. */
const next = beforeArgument('\r\n');

/** `GET key` and its like. What is the same in every call is encoded once. */
function keyedMethod(entry: MethodEntry, words: readonly string[], parameters: number): Method {
  const { info } = entry;
  const transform = chooserOf(entry)(new Array(parameters).fill(true), NONE);
  const head = beforeArgument(encodeCommand(words).replace(/^\*\d+/, `*${words.length + parameters}`));
  type Plain = (this: Sender, key: Argument, a: Argument, b: Argument) => Promise<unknown>;
  const one: Plain = function (key) {
    const name = wire(key);
    return this.send(info, `${head(name.length) + name}\r\n`, name, transform);
  };
  const two: Plain = function (key, a) {
    const name = wire(key);
    const text = wire(a);
    return this.send(info, `${head(name.length) + name + next(text.length) + text}\r\n`, name, transform);
  };
  const three: Plain = function (key, a, b) {
    const name = wire(key);
    const text = wire(a);
    const start = head(name.length) + name + next(text.length) + text;
    const last = wire(b);
    return this.send(info, `${start + next(last.length) + last}\r\n`, name, transform);
  };
  return [one, two, three][parameters - 1] as Method;
}

type Options = Readonly<Record<string, unknown>>;

const NONE: Options = Object.freeze({});

/** `ZRANGE key start stop [BYSCORE | BYLEX] …` and its like, by the plan. */
function plannedMethod(entry: MethodEntry, words: readonly string[]): Method {
  let plan: Plan | undefined;
  return function (...parameters) {
    plan ??= planOf(entry);
    const given = parameters[plan.positional];
    const options = isArgument(given) ? NONE : (given as Options);
    const args = follow([...words], plan.steps, parameters, options);
    return this.sendArgs(entry.info, args, plan.transform(parameters, options));
  };
}

interface Plan {
  readonly steps: readonly Step[];
  /** How many parameters there are before the options. */
  readonly positional: number;
  /** The transform may depend on what was given. */
  readonly transform: (parameters: readonly unknown[], options: Options) => Transform | undefined;
}

function planOf(entry: MethodEntry): Plan {
  const steps = stepsOf(entry.plan);
  const numbers = steps.map(([, source]) => (typeof source === 'number' ? source + 1 : 0));
  return { steps, positional: Math.max(0, ...numbers), transform: chooserOf(entry) };
}

function stepsOf(plan: string): readonly Step[] {
  const given: number | readonly Step[] = JSON.parse(plan);
  return typeof given === 'number' ? Array.from({ length: given }, (_, i) => ['one', i]) : given;
}

function chooserOf({ transform }: MethodEntry): Plan['transform'] {
  const given: Transformed | readonly [readonly Source[], Transformed | ''][] | undefined =
    transform === undefined ? undefined : JSON.parse(transform);
  if (given === undefined || typeof given === 'string') return () => given && transforms[given];
  return (parameters, options) => {
    const isGiven = (source: Source) =>
      Boolean(typeof source === 'number' ? parameters[source] : options[source]);
    const [, name] = given.find(([sources]) => sources.length === 0 || sources.some(isGiven))!;
    return name === '' ? undefined : transforms[name];
  };
}

for (const entry of methods) {
  Object.defineProperty(Commands.prototype, entry.name, {
    value: methodOf(entry),
    configurable: true,
    writable: true,
  });
}
