/** RESP replies in tests: where one ends, and what it says. */

const LF = 10;

/** Where the reply at `at` ends, or -1 when it is incomplete. */
export function replyEnd(bytes: Buffer, at = 0): number {
  const newline = bytes.indexOf(LF, at);
  if (newline < 0) return -1;
  const type = String.fromCharCode(bytes[at]);
  const count = Number(bytes.toString('latin1', at + 1, newline - 1));
  let end = newline + 1;
  if ('$=!'.includes(type)) {
    if (count >= 0) end += count + 2;
    return end <= bytes.length ? end : -1;
  }
  if (!'*~>%|'.includes(type)) return end;
  for (let left = '%|'.includes(type) ? count * 2 : count; left > 0; left--) {
    end = replyEnd(bytes, end);
    if (end < 0) return -1;
  }
  return end;
}

export type Reply =
  | { type: 'simple' | 'error' | 'number' | 'bulk'; text: string }
  | { type: 'null' }
  | { type: 'array' | 'set' | 'map' | 'push'; elements: Reply[] };

/** A whole reply as a value: text with one character per byte, maps as their keys and values in turn. */
export function parseReply(bytes: Buffer): Reply {
  let at = 0;
  const next = (): Reply => {
    const newline = bytes.indexOf(LF, at);
    const type = String.fromCharCode(bytes[at]);
    const line = bytes.toString('latin1', at + 1, newline - 1);
    at = newline + 1;
    if (type === '_' || line === '-1')
      return type === ':' ? { type: 'number', text: line } : { type: 'null' };
    if ('$=!'.includes(type)) {
      const text = bytes.toString('latin1', at, at + Number(line));
      at += Number(line) + 2;
      return { type: 'bulk', text };
    }
    if ('*~>%|'.includes(type)) {
      const elements: Reply[] = [];
      const count = Number(line) * ('%|'.includes(type) ? 2 : 1);
      for (let n = 0; n < count; n++) elements.push(next());
      const names = { '*': 'array', '~': 'set', '>': 'push', '%': 'map', '|': 'map' } as const;
      return { type: names[type as keyof typeof names], elements };
    }
    if (type === '+') return { type: 'simple', text: line };
    return { type: type === '-' ? 'error' : 'number', text: line };
  };
  return next();
}
