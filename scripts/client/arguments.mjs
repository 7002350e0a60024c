// From a command's arguments, as the table declares them, to the parameters of the client's method: their types, and the
// plan by which `src/client/encode-plan.ts` turns them into words.
//
// What a call must give are parameters, in the order in which they are written. What it may give are properties of an
// options object, each named after its token in lower case: `true` for a word, otherwise the value. A command whose only
// optional argument is a plain value or a choice takes it as a last parameter instead. How many keys follow is counted.
import { camelCase } from './names.mjs';

const TYPES = {
  string: 'Value',
  integer: 'Integer',
  double: 'Double',
  key: 'Key',
  pattern: 'Key',
  'unix-time': 'Integer',
};

const isBlock = ({ type }) => type === 'block';
const isChoice = ({ type }) => type === 'oneof';
const isWord = ({ type }) => type === 'pure-token';
const isValue = (argument) => !isBlock(argument) && !isChoice(argument) && !isWord(argument);
const isSpelled = (argument) => isWord(argument) && /^[A-Z]/.test(argument.token);
/** NO ONE */
const isPhrase = (argument) => isBlock(argument) && argument.arguments.every(isWord);
/** A value, or a word in its place: `* | id`. */
const isValueChoice = (argument) =>
  isChoice(argument) &&
  argument.arguments.every((choice) => (isValue(choice) && !choice.token) || isWord(choice));
/** `MAXLEN | MINID`, an operator, a threshold: the word is the name of the value. */
const isSelector = (argument) =>
  isBlock(argument) && !argument.token && isChoice(argument.arguments[0]) && !argument.arguments[0].optional;
const required = (parts) => parts.filter((part) => !part.optional);

/** Blocks in one form: one part is no block, and a token stands before the block, not before its first part. */
function normal(argument) {
  if (!argument.arguments) return argument;
  const parts = argument.arguments.map(normal);
  if (!isBlock(argument)) return { ...argument, arguments: parts };
  const [first] = parts;
  if (parts.length === 1 && !(first.token && argument.token)) {
    const { optional = first.optional, token = first.token, multiple = first.multiple } = argument;
    return { ...first, optional, token, multiple };
  }
  if (!argument.token && first.token && !first.optional && isValue(first) && required(parts).length > 1) {
    const { token, ...rest } = first;
    return { ...argument, token, arguments: [rest, ...parts.slice(1)] };
  }
  return { ...argument, arguments: parts };
}

const quoted = (word) => `'${word}'`;
const unionOf = (types) => [...new Set(types)].join(' | ');
const many = (type) => `OneOrMore<${type}>`;

/** What a plain value, or one of several, may be. */
function valueType(argument) {
  if (isWord(argument)) return quoted(argument.token);
  if (isChoice(argument)) return unionOf(argument.arguments.map(valueType));
  // It is given as the last reply had it, as text.
  if (argument.name === 'cursor') return TYPES.string;
  const type = TYPES[argument.type];
  if (type === undefined) throw new Error(`arguments of type ${argument.type} are not known here`);
  return type;
}

const propertyOf = (argument) => (argument.token ? argument.token.toLowerCase() : camelCase(argument.name));

/** The node that writes a value that comes from `source`. */
function valueNode(argument, source) {
  const { token, multiple, multipleToken } = argument;
  const kind = multipleToken ? 'each' : multiple ? 'many' : 'one';
  return token === undefined ? [kind, source] : [kind, source, token];
}

/** Properties of an object, with the nodes that write them, and objects of which it must be one besides. */
class Shape {
  properties = [];
  nodes = [];
  unions = [];

  /** Adds what one argument asks for. */
  add(argument, optional = argument.optional === true) {
    const { arguments: parts = [], token, multiple } = argument;
    if (isWord(argument)) {
      this.property(propertyOf(argument), 'boolean', optional, ['word', propertyOf(argument), token]);
    } else if (isPhrase(argument)) {
      const phrase = parts.map((part) => part.token).join('|');
      const name = phrase.toLowerCase().replaceAll('|', '');
      this.property(name, 'boolean', optional, ['word', name, phrase]);
    } else if (isSelector(argument)) {
      this.addSelector(argument);
    } else if (
      isValue(argument) ||
      (isValueChoice(argument) && (token || !optional || !parts.every(isSpelled)))
    ) {
      const type = multiple ? many(valueType(argument)) : valueType(argument);
      this.property(propertyOf(argument), type, optional, valueNode(argument, propertyOf(argument)));
    } else if (isChoice(argument) && !token && optional) {
      for (const choice of parts) this.add(choice, true);
    } else if (isChoice(argument) && !token) {
      this.addUnion(parts);
    } else if (isBlock(argument) && !multiple && (!token || required(parts).length < 2)) {
      this.addFlat(argument, optional);
    } else {
      this.addObject(argument, optional);
    }
  }

  property(name, type, optional, ...nodes) {
    this.properties.push({ name, type, optional });
    this.nodes.push(...nodes);
  }

  /** The parts of a block as properties side by side. */
  addFlat({ token, arguments: parts }, optional) {
    const [value] = required(parts);
    if (token && value === undefined) {
      this.property(token.toLowerCase(), 'boolean', optional, ['word', token.toLowerCase(), token]);
    }
    for (const part of parts) {
      this.add(token && part === value ? { ...part, token } : part, optional || part.optional === true);
    }
  }

  addSelector({ arguments: [{ arguments: words }, ...rest] }) {
    const value = rest.findLast(isValueAlone) ?? rest.find((part) => !part.optional);
    const between = rest.slice(0, rest.indexOf(value));
    for (const { token } of words) {
      const name = token.toLowerCase();
      this.property(name, valueType(value), true);
      this.nodes.push(['named', name, token, between.map((part) => camelCase(part.name))]);
    }
    for (const part of between) this.property(camelCase(part.name), valueType(part), true);
    for (const part of rest.slice(rest.indexOf(value) + 1)) this.add(part, true);
  }

  addObject(argument, optional) {
    const { token, multiple } = argument;
    const inner = shapeOf(
      isChoice(argument) ? [{ ...argument, token: undefined, optional: false }] : argument.arguments,
    );
    const name = propertyOf(argument);
    const type = multiple ? many(inner.type) : inner.type;
    this.property(name, type, optional, ['object', name, inner.nodes, ...(token ? [token] : [])]);
  }

  addUnion(choices) {
    const shapes = choices.map((choice) => shapeOf([{ ...choice, optional: false }]));
    this.unions.push(shapes.map(({ type }) => type));
    this.nodes.push(...shapes.flatMap(({ nodes }) => nodes));
  }

  get type() {
    const unions = this.unions.map((types) => unionOf(types));
    if (this.properties.length === 0 && unions.length === 1) return unions[0];
    return [propertiesType(this.properties), ...unions.map((union) => `(${union})`)].join(' & ');
  }
}

const isValueAlone = (part) => isValue(part) && !part.token && !part.optional;

function shapeOf(parts) {
  const shape = new Shape();
  for (const part of parts) shape.add(part);
  return shape;
}

export function propertiesType(properties) {
  const members = properties.map(
    ({ name, type, optional }) => `readonly ${nameOf(name)}${optional ? '?' : ''}: ${type}`,
  );
  return `{ ${members.join('; ')} }`;
}

/** A property's name as it is written in an object's type. */
export const nameOf = (name) => (/^[a-z]\w*$/i.test(name) ? name : quoted(name));

/** A repeated pair of a name and its value. */
function isEntries({ type, multiple, arguments: parts = [] }) {
  const [name, value] = parts;
  const plain = parts.length === 2 && isValue(name) && isValue(value) && !name.token && !value.token;
  return (
    type === 'block' && multiple && plain && value.type === 'string' && ['string', 'key'].includes(name.type)
  );
}

const ONE = { multiple: false, token: undefined, optional: false };
/** The name for several of a block: `score_member` are members. */
const itemsOf = ({ name }) => plural(name.split(/[_-]/).at(-1));
const plural = (name) => (/s$/.test(name) ? name : `${name}s`);

/**
 * The parameters of a method: `parameters` in order, each `{ name, type, optional }`; the properties of its `options`;
 * `nodes`, the plan; and whether a last pair of names and values may also be two parameters (`pair`).
 */
export function parametersOf(declared) {
  const args = declared.map(normal);
  const parameters = [];
  const nodes = [];
  const options = new Shape();
  let pair;
  const parameter = (name, type, optional = false) => {
    parameters.push({ name, type, optional });
    return parameters.length - 1;
  };
  const take = (argument, { optional = false, counted = false } = {}) => {
    const { arguments: parts = [], token, multiple } = argument;
    const name = camelCase(argument.name);
    if (isEntries(argument)) {
      const [first, second] = parts;
      pair = [first, second].map((part) => ({ name: camelCase(part.name), type: valueType(part) }));
      nodes.push(['entries', parameter('entries', 'Entries', optional), ...(counted ? ['counted'] : [])]);
    } else if (isWord(argument)) {
      nodes.push(['always', argument.token]);
    } else if (isValue(argument) || isValueChoice(argument)) {
      const type = valueType(argument);
      const source = parameter(multiple ? plural(name) : name, multiple ? many(type) : type, optional);
      if (counted) nodes.push(['count', source]);
      nodes.push(valueNode(argument, source));
    } else if (isBlock(argument) && !multiple && !isSelector(argument)) {
      if (token) nodes.push(['always', token]);
      for (const [i, part] of parts.entries()) {
        if (!isCount(parts, i)) take(part, { counted: isCount(parts, i - 1) });
      }
    } else {
      const scalars = isChoice(argument) ? parts.filter((part) => isValue(part) && !part.token) : [];
      const rest = parts.filter((part) => !scalars.includes(part));
      const [inner] = scalars.length > 0 && rest.length === 1 ? rest : [argument];
      const whole = isChoice(inner) || isSelector(inner);
      const shape = shapeOf(whole ? [{ ...inner, ...ONE }] : parts);
      const type = inner.multiple ? many(shape.type) : shape.type;
      const source = parameter(
        multiple ? itemsOf(argument) : name,
        unionOf([...scalars.map(valueType), type]),
        optional,
      );
      nodes.push(['object', source, shape.nodes, ...(token ? [token] : [])]);
    }
  };
  const optionals = args.filter(({ optional }) => optional);
  for (const [i, argument] of args.entries()) {
    if (isCount(args, i)) continue;
    if (!argument.optional) {
      take(argument, { counted: isCount(args, i - 1) });
    } else if (optionals.length === 1 && i === args.length - 1 && !argument.token && standsAlone(argument)) {
      take(argument, { optional: true });
    } else {
      const from = options.nodes.length;
      options.add(argument, true);
      nodes.push(...options.nodes.slice(from));
    }
  }
  return { parameters, options: options.properties, nodes, pair };
}

/** Whether the argument at this place only says how many of the next there are. */
const isCount = (list, i) => /^num(keys|fields)$/.test(list[i]?.name) && list[i + 1]?.multiple === true;

/** Whether an optional argument is clear enough without a name. */
function standsAlone(argument) {
  if (isBlock(argument)) return argument.multiple === true;
  return isValue(argument) || isValueChoice(argument) || (isChoice(argument) && argument.multiple === true);
}
