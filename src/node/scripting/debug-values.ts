/** Lua values and replies as the debugger shows them. */
import { type Bytes, latin1 } from '../../protocol/bytes.js';
import { formatDouble } from '../../protocol/doubles.js';
import { quote } from '../config/kinds.js';
import type { Lua } from './lua.js';
import { type State, TYPE } from './machine.js';

const DEEPEST = 10;
const SIGNIFICANT = 6;
const CR = 13;

/** The value at the top of the stack; it stays there. */
export function valueText(lua: Lua, L: State, depth = 0): string {
  const { api } = lua;
  if (depth === DEEPEST) return '<max recursion level reached! Nested table?>';
  switch (api.lua_type(L, -1)) {
    case TYPE.string:
      return quote(lua.text(L, -1)!);
    case TYPE.boolean:
      return api.lua_toboolean(L, -1) !== 0 ? 'true' : 'false';
    case TYPE.number:
      return numberText(api.lua_tonumber(L, -1));
    case TYPE.nil:
      return 'nil';
    case TYPE.table:
      return tableText(lua, L, depth + 1);
    default:
      return `"${lua.typeName(L, -1)}@0x${api.lua_topointer(L, -1).toString(16)}"`;
  }
}

/** An array as its elements, anything else with its keys. */
function tableText(lua: Lua, L: State, depth: number): string {
  const { api } = lua;
  const elements: string[] = [];
  const pairs: string[] = [];
  let isArray = true;
  api.lua_checkstack(L, 3);
  api.lua_pushnil(L);
  while (api.lua_next(L, -2) !== 0) {
    const value = valueText(lua, L, depth);
    lua.pop(L);
    elements.push(value);
    pairs.push(`[${valueText(lua, L, depth)}]=${value}`);
    isArray &&= api.lua_type(L, -1) === TYPE.number && api.lua_tonumber(L, -1) === elements.length;
  }
  return `{${(isArray ? elements : pairs).join('; ')}}`;
}

/** C's `%g`. */
function numberText(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return formatDouble(value);
  const [digits, power] = value.toExponential(SIGNIFICANT - 1).split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < SIGNIFICANT) return String(Number(value.toPrecision(SIGNIFICANT)));
  const sign = exponent < 0 ? '-' : '+';
  return `${Number(digits)}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** The reply that begins at `start`. */
export function replyText(bytes: Bytes, start: number): string {
  let at = start;
  const next = (): string => {
    const type = String.fromCharCode(bytes[at]);
    const begin = at + 1;
    while (bytes[at] !== CR) at++;
    const line = latin1(bytes, begin, at);
    at += 2;
    const several = (count: number) => Array.from({ length: count }, next);
    switch (type) {
      case '+':
      case '-':
        return quote(type + line);
      case '$':
        if (line === '-1') return 'NULL';
        at += Number(line) + 2;
        return quote(latin1(bytes, at - 2 - Number(line), at - 2));
      case '*':
        return line === '-1' ? 'NULL' : `[${several(Number(line)).join(',')}]`;
      case '~':
        return `~(${several(Number(line)).join(',')})`;
      case '%':
        return `{${Array.from({ length: Number(line) }, () => `${next()} => ${next()}`).join(',')}}`;
      case '_':
        return '(null)';
      case '#':
        return line === 't' ? '#true' : '#false';
      case ',':
        return `(double) ${line}`;
      default:
        return line;
    }
  };
  return next();
}
