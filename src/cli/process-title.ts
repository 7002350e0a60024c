/**
 * `proc-title-template`: how the process is called in the lists of ps and top. Linux gives it the room that its command
 * line took, so a longer title is cut off.
 */
import { pathOf } from '../io/config-files.js';
import type { Config } from '../node/config/index.js';

/** Shows the title from now on, unless `set-proc-title` is no; it follows the configuration. */
export function showProcessTitle(config: Config, name: string): void {
  if (!config.values['set-proc-title']) return;
  const show = () => {
    process.title = processTitle(config, name);
    return undefined;
  };
  config.onChange(['proc-title-template', 'bind', 'port', 'tls-port'], show);
  show();
}

/** The template with its variables filled in; `name` stands for {title}. */
export function processTitle({ values, store }: Config, name: string): string {
  const port = values.port || values['tls-port'];
  const address = values.bind[0] ?? '*';
  const socket = pathOf(values.unixsocket ?? '');
  const variables: Readonly<Record<string, string>> = {
    title: name,
    'listen-addr': port === 0 ? `unixsocket:${socket}` : `${address}:${port}`,
    'server-mode': values['cluster-enabled'] ? '[cluster]' : '',
    port: String(values.port),
    'tls-port': String(values['tls-port']),
    unixsocket: socket,
    'config-file': store?.path ?? '-',
  };
  return values['proc-title-template']
    .replace(/\{\{|\{([a-z-]+)\}/g, (_, variable?: string) => (variable ? variables[variable] : '{'))
    .replace(/^ +| +$/g, '');
}
