/** `--eval FILE KEY … , ARGUMENT …`: runs a Lua script from a file. */
import { readFileSync } from 'node:fs';
import { systemReason } from '../../io/system-error.js';
import { debugScript } from './debugger.js';
import { type ModeContext, ModeError } from './mode.js';

export async function runScript(context: ModeContext, file: string): Promise<number> {
  const { session, options, args } = context;
  let script: string;
  try {
    script = readFileSync(file, 'latin1');
  } catch (error) {
    throw new ModeError(`Can't open file '${file}': ${systemReason(error)}`);
  }
  const comma = args.indexOf(',');
  const keys = comma < 0 ? args : args.slice(0, comma);
  const rest = comma < 0 ? [] : args.slice(comma + 1);
  const command = ['EVAL', script, String(keys.length), ...keys, ...rest];
  if (options.ldb !== undefined) return debugScript(context, command);
  return (await session.issue(command, options.repeat)) ? 0 : 1;
}
