/**
 * Several nodes in one folder.
 *
 * People start a small cluster as six processes from one folder, with configuration files that differ in `port` and
 * `cluster-config-file` only. redis-server then has all of them write to the same append-only file and the same
 * dump.rdb. Here the `cluster-config-file`, which must differ anyhow, names these files too: with `nodes-0.conf` they
 * are `appendonly-nodes-0.aof` and `dump-nodes-0.rdb`. What the configuration names itself is left alone, and so is
 * data that is there under the usual name: it comes from a server that had the folder for itself.
 */
import { existsSync } from 'node:fs';
import { join, parse } from 'node:path';
import { type Config, DIRECTIVES } from '../node/config/index.js';
import { pathOf, textOf } from './config-files.js';

/**
 * Gives a cluster node data files of its own, where it has none. Answers the names that it uses instead of the usual
 * ones; at every start on the same folder they are the same.
 */
export function nameDataFiles(config: Config): string[] {
  const { values } = config;
  const isUsual = (name: 'appendfilename' | 'dbfilename' | 'cluster-config-file') =>
    values[name] === DIRECTIVES[name].default.value;
  if (!values['cluster-enabled'] || isUsual('cluster-config-file')) return [];

  const node = parse(pathOf(values['cluster-config-file'])).name;
  const exists = (path: string) => existsSync(join(pathOf(values.dir), path));
  const chosen: string[] = [];

  const choose = (
    directive: 'appendfilename' | 'dbfilename',
    name: string,
    hasData: (name: string) => boolean,
  ) => {
    if (!isUsual(directive) || (hasData(values[directive]) && !hasData(name))) return;
    config.record(directive, [textOf(name)]);
    chosen.push(name);
  };
  choose(
    'appendfilename',
    `appendonly-${node}.aof`,
    // In parts, or the one file of redis-server before 7.0.
    (name) => exists(join(pathOf(values.appenddirname), `${name}.manifest`)) || exists(name),
  );
  choose('dbfilename', `dump-${node}.rdb`, exists);
  return chosen;
}
