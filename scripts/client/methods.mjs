// The client's methods from the command table: for each command a line of `generated/table.ts`, by which it is routed and
// its words are written, and its signatures in `generated/methods.ts`.
import { parametersOf, propertiesType } from './arguments.mjs';
import { methodName } from './names.mjs';

/** What the client does itself, in ways that these methods can't: it has other methods for them, or an option. */
const BY_HAND = new Set([
  ...[
    'multi',
    'exec',
    'discard',
    'watch',
    'unwatch',
    'eval',
    'eval_ro',
    'evalsha',
    'evalsha_ro',
    'fcall',
    'fcall_ro',
  ],
  ...[
    'subscribe',
    'psubscribe',
    'ssubscribe',
    'unsubscribe',
    'punsubscribe',
    'sunsubscribe',
    'monitor',
    'scan',
  ],
  ...['auth', 'hello', 'select', 'quit', 'reset', 'readonly', 'readwrite', 'asking', 'restore-asking'],
  ...['client|reply', 'client|tracking', 'client|caching', 'client|setname', 'client|no-touch'],
  ...['sync', 'psync', 'replconf', 'debug', 'pfdebug', 'pfselftest', 'script|debug'],
]);

/** Entries of a stream. */
const ENTRIES = '[id: Text, fields: Record<string, Text>][]';

/** Replies that are given in another form than they arrive in, in RESP2 or in both: type and transform. */
const REPLIES = {
  '0 | 1': ['boolean', 'boolean'],
  '(0 | 1)[]': ['boolean[]', 'booleans'],
  Numeric: ['number', 'number'],
  'Numeric | null': ['number | null', 'number'],
  Double: ['number', 'number'],
  'Double | null': ['number | null', 'number'],
  '(Double | null)[]': ['(number | null)[]', 'numbers'],
  'Set<Bulk>': ['Set<Text>', 'set'],
  'Record<string, Bulk>': ['Record<string, Text>', 'record'],
  'Record<string, string>': ['Record<string, string>', 'record'],
  '[field: Bulk, value: Bulk][]': ['[field: Text, value: Text][]', 'pairs'],
  '[member: Bulk, score: Double][]': ['[member: Text, score: number][]', 'scores'],
  '[member: Bulk, score: Double] | []': ['[member: Text, score: number] | null', 'score'],
  '[key: Bulk, member: Bulk, score: Double] | null': [
    '[key: Text, member: Text, score: number] | null',
    'keyAndScore',
  ],
  '[key: Bulk, members: [member: Bulk, score: Double][]] | null': [
    '[key: Text, members: [member: Text, score: number][]] | null',
    'keyAndScores',
  ],
  '([longitude: Double, latitude: Double] | null)[]': [
    '([longitude: number, latitude: number] | null)[]',
    'positions',
  ],
  '[member: Bulk, ...(Double | number | [longitude: Double, latitude: Double])[]][]': [
    '[member: Text, ...(number | [longitude: number, latitude: number])[]][]',
    'places',
  ],
  '[cursor: Bulk, fields: Bulk[]]': [
    '[cursor: Text, entries: [field: Text, value: Text][]]',
    'scannedFields',
  ],
  '[cursor: Bulk, scores: Bulk[]]': [
    '[cursor: Text, entries: [member: Text, score: number][]]',
    'scannedScores',
  ],
  '[id: Bulk, fields: Bulk[]][]': [ENTRIES, 'entries'],
  '[id: Bulk, fields: Bulk[]][] | null': [ENTRIES, 'entries'],
  'Record<string, [id: Bulk, fields: Bulk[]][]> | null': [`Record<string, ${ENTRIES}> | null`, 'streams'],
  '[next: Bulk, claimed: [id: Bulk, fields: Bulk[]][], deleted: Bulk[]]': [
    `[next: Text, claimed: ${ENTRIES}, deleted: Text[]]`,
    'claimed',
  ],
  '[count: number, first: Bulk | null, last: Bulk | null, consumers: [name: Bulk, count: Bulk][] | null]': [
    '[count: number, first: Text | null, last: Text | null, consumers: [name: Text, count: number][] | null]',
    'pending',
  ],
  '{ flags: Set<Bulk>; redirect: number; prefixes: Bulk[] }': [
    '{ flags: Set<Text>; redirect: number; prefixes: Text[] }',
    'tracking',
  ],
  '{ slots: number[]; nodes: Record<string, string | number>[] }[]': [
    '{ slots: number[]; nodes: Record<string, string | number>[] }[]',
    'shards',
  ],
  'Record<string, { calls: number; histogram_usec: Record<number, number> }>': [
    'Record<string, { calls: number; histogram_usec: Record<number, number> }>',
    'histograms',
  ],
};

/** What RESP2 has no form for, inside a shape: nobody could tell it from a list. */
const UNTOLD = /Double|Numeric|Set<|.(Record<|\{)/;

function replyOf(shape) {
  const known = REPLIES[shape];
  if (known) return known;
  if (UNTOLD.test(shape)) throw new Error(`say in REPLIES how ${shape} is given to programs`);
  const isObject = /^(Record<|\{)/.test(shape);
  return [
    shape.replaceAll('Bulk', 'Text'),
    isObject ? (shape.endsWith('[]') ? 'objects' : 'object') : undefined,
  ];
}

/** Whether the reply is of the server's own words and holds no data. */
function isTextual(reply) {
  const shapes = Object.values(typeof reply === 'string' ? { reply } : reply).join(' ');
  return /string/.test(shapes.replaceAll('Record<string', '')) && !/Bulk|unknown/.test(shapes);
}

/** What the definition says about routing, as the words of `src/client/routing.ts`. */
function traitsOf({ fullName, firstKey, lastKey, definition }) {
  const { flags = [], tips = [], reply } = definition;
  const traits = [];
  if (flags.includes('readonly')) traits.push('readonly');
  const oneKey = firstKey === 1 && lastKey === 1 && definition.keys.length === 1;
  if (flags.includes('readonly') && oneKey && !tips.includes('nondeterministic_output'))
    traits.push('cacheable');
  if (flags.includes('blocking')) traits.push('blocking');
  const [spec] = definition.keys ?? [];
  if (spec && 'index' in spec.begin && 'countAt' in spec.find)
    traits.push(`count=${spec.begin.index + spec.find.countAt}`);
  if (spec && 'keyword' in spec.begin && spec.find.limit === 2) traits.push(`after=${spec.begin.keyword}`);
  // Messages of one channel go through one node, so that they stay in order.
  if (fullName === 'publish') traits.push('steady');
  if (reply !== undefined && isTextual(reply)) traits.push('textual');
  const policy = (kind) => tips.find((tip) => tip.startsWith(`${kind}_policy:`))?.split(':')[1];
  const request = policy('request');
  const response = policy('response');
  // What is special about a request or a response, the tip does not say; and MSETNX of several slots could not be undone.
  if (!request || request === 'special' || response === 'special' || fullName === 'msetnx') return traits;
  traits.push({ all_shards: 'all-masters', all_nodes: 'all-nodes', multi_shard: 'per-slot' }[request]);
  if (response) traits.push(response.replace('agg_', '').replaceAll('_', '-'));
  else if (request === 'multi_shard') traits.push('in-key-order');
  else traits.push(/\[\]$/.test(String(reply)) ? 'concatenate' : 'any');
  return traits;
}

/** The signatures of a method, one for each shape of its reply. */
function signaturesOf(name, { parameters, options, pair }, reply, optionsName) {
  const cases = typeof reply === 'string' ? { otherwise: reply } : reply;
  const deciding = new Set(Object.keys(cases).flatMap((key) => key.split('|')));
  const free = options.filter((option) => !deciding.has(option.name));
  const decided = (names) => options.filter((option) => names.includes(option.name));
  const signatures = [];
  const list = (params, optionsType, isOptional) => {
    const texts = params.map(({ name, type, optional }) => `${name}${optional ? '?' : ''}: ${type}`);
    if (optionsType) texts.push(`options${isOptional ? '?' : ''}: ${optionsType}`);
    return texts.join(', ');
  };
  const keys = Object.keys(cases).filter((key) => key !== 'otherwise');
  for (const [i, key] of keys.entries()) {
    const [type] = replyOf(cases[key]);
    const names = key.split('|');
    const parameter = parameters.find((other) => names.includes(other.name));
    if (parameter) {
      const params = parameters.map((other) => (other === parameter ? { ...other, optional: false } : other));
      signatures.push(`${name}(${list(params)}): Promise<${type}>`);
      continue;
    }
    // Where the reply may be that of the call without the option, too, it need not be known whether the option is given.
    const wider = cases.otherwise.split(' | ').every((part) => cases[key].split(' | ').includes(part));
    const certain = (option) => ({
      ...option,
      type: option.type === 'boolean' && !wider ? 'true' : option.type,
    });
    const later = decided(keys.slice(i + 1).flatMap((other) => other.split('|')));
    const others = (chosen) => decided(names).filter((option) => option !== chosen);
    const given = decided(names).map((option) =>
      propertiesType([{ ...certain(option), optional: false }, ...others(option), ...later]),
    );
    const type2 = given.length > 1 ? `(${given.join(' | ')})` : given[0];
    const optionsType = free.length > 0 ? `${optionsName} & ${type2}` : type2;
    signatures.push(`${name}(${list(parameters, optionsType, false)}): Promise<${type}>`);
  }
  const [type] = replyOf(cases.otherwise);
  const plain = parameters.filter((other) => !deciding.has(other.name));
  const optionsType = free.length > 0 ? optionsName : undefined;
  if (pair) signatures.push(`${name}(${list([...plain.slice(0, -1), ...pair])}): Promise<${type}>`);
  signatures.push(`${name}(${list(plain, optionsType, true)}): Promise<${type}>`);
  return { signatures, free };
}

/** Which transform the reply needs: a name, or a list of [sources that decide, name], the last without sources. */
function transformOf(reply, { parameters }) {
  if (typeof reply === 'string') return replyOf(reply)[1];
  const cases = Object.entries(reply).map(([key, shape]) => {
    const sources = key.split('|').map((name) => {
      const index = parameters.findIndex((parameter) => parameter.name === name);
      return index < 0 ? name : index;
    });
    return [key === 'otherwise' ? [] : sources, replyOf(shape)[1] ?? ''];
  });
  return cases.some(([, transform]) => transform !== '') ? cases : undefined;
}

/** Everything about one command: its line in the table, and its method if it has one. */
export function describe(command, usage) {
  const { fullName, firstKey, lastKey, keyStep, isContainer, definition } = command;
  const { run, reply = 'unknown', args, arity, summary, deprecated } = definition;
  const name = fullName.toUpperCase().replace('|', ' ');
  const isCallable = run !== undefined || !isContainer;
  const hasMethod = isCallable && !BY_HAND.has(fullName) && !fullName.endsWith('|help');
  const start = [name.replace(' ', '|'), firstKey, lastKey, keyStep, traitsOf(command).join(',') || '-'];
  if (!hasMethod) return { line: start.join(' ') };
  const method = methodName(fullName);
  const plan = args || arity > 0 ? parametersOf(args ?? []) : openPlan();
  const optionsName = `${method[0].toUpperCase()}${method.slice(1)}Options`;
  const { signatures, free } = signaturesOf(method, plan, reply, optionsName);
  const simple =
    plan.options.length === 0 &&
    plan.nodes.every(([kind, source], i) => kind === 'one' && source === i && !plan.nodes[i][2]);
  const required = simple && plan.parameters.every(({ optional }) => !optional);
  const words = [method, JSON.stringify(required ? plan.nodes.length : plan.nodes)];
  const transform = transformOf(reply, plan);
  if (transform) words.push(JSON.stringify(transform));
  return {
    line: [...start, ...words].join(' '),
    method: { name: method, summary, usage, deprecated, signatures, optionsName, options: free },
  };
}

/** A command that takes any words. */
function openPlan() {
  const parameters = [{ name: 'args', type: 'readonly Value[]', optional: true }];
  return { parameters, options: [], nodes: [['many', 0]] };
}
