/** `--eval FILE KEY … , ARGUMENT …`: runs a Lua script from a file. */
import { readFileSync } from 'node:fs';
import { systemReason } from '../../io/system-error.js';
import { type ModeContext, ModeError } from './mode.js';

export async function runScript({ session, options, args }: ModeContext, file: string): Promise<number> {
  let script: string;
  try {
    script = readFileSync(file, 'latin1');
  } catch (error) {
    throw new ModeError(`Can't open file '${file}': ${systemReason(error)}`);
  }
  const comma = args.indexOf(',');
  const keys = comma < 0 ? args : args.slice(0, comma);
  const rest = comma < 0 ? [] : args.slice(comma + 1);
  const done = await session.issue(['EVAL', script, String(keys.length), ...keys, ...rest], options.repeat);
  return done ? 0 : 1;
}
