/** `--stat`: one line of INFO's figures per interval; with `-c` summed over the masters of the cluster. */
import { infoOf, type ModeContext, pause, reconnecting } from './mode.js';

const DEFAULT_INTERVAL = 1000;
const LINES_PER_HEADER = 20;
const HEADER =
  '------- data ------ --------------------- load -------------------- - child -\n' +
  'keys       mem      clients blocked requests            connections          \n';

export async function showStatistics(context: ModeContext): Promise<number> {
  const { options, nodes, output, stop } = context;
  let before: number | undefined;
  for (let line = 0; !stop.aborted; line++) {
    const answers = await Promise.all(nodes.map((node) => reconnecting(node, context, infoOf)));
    const infos = answers.filter((info) => info !== undefined);
    if (stop.aborted) break;
    if (line % LINES_PER_HEADER === 0) output.write(HEADER);
    output.write(`${statLine(infos, before)}\n`);
    before = sum(infos, 'total_commands_processed');
    await pause(options.interval * 1000 || DEFAULT_INTERVAL, stop);
  }
  return 0;
}

/** The line for these servers together; `before` is the number of commands at the last line (more: restarted). */
export function statLine(infos: readonly ReadonlyMap<string, string>[], before: number | undefined): string {
  const requests = sum(infos, 'total_commands_processed');
  const busy = [
    sum(infos, 'rdb_bgsave_in_progress') > 0 && 'SAVE',
    sum(infos, 'aof_rewrite_in_progress') > 0 && 'AOF',
    sum(infos, 'loading') > 0 && 'LOAD',
  ].filter(Boolean);
  return (
    String(keys(infos)).padEnd(11) +
    humanBytes(sum(infos, 'used_memory')).padEnd(8) +
    ` ${String(sum(infos, 'connected_clients')).padEnd(8)}` +
    String(sum(infos, 'blocked_clients')).padEnd(8) +
    `${requests} (+${before === undefined || before > requests ? 0 : requests - before})`.padEnd(19) +
    ` ${String(sum(infos, 'total_connections_received')).padEnd(12)}` +
    busy.join('+')
  );
}

function sum(infos: readonly ReadonlyMap<string, string>[], field: string): number {
  return infos.reduce((total, info) => total + Number(info.get(field) ?? 0), 0);
}

/** Over all databases: `db0:keys=12,expires=0,avg_ttl=0`. */
function keys(infos: readonly ReadonlyMap<string, string>[]): number {
  let total = 0;
  for (const info of infos)
    for (const [field, value] of info)
      if (/^db\d+$/.test(field)) total += Number(/^keys=(\d+)/.exec(value)?.[1] ?? 0);
  return total;
}

/** `512B`, `1.50K`, `2.00M`, `1.00G`. */
export function humanBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`;
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(2)}K`;
  if (bytes < 1024 ** 3) return `${(bytes / 1024 ** 2).toFixed(2)}M`;
  return `${(bytes / 1024 ** 3).toFixed(2)}G`;
}
