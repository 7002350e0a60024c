/** What a server writes to its log while it starts, line by line as redis-server does. */
import { banner } from '../node/banner.js';
import type { Config } from '../node/config/index.js';
import type { Log } from '../node/host.js';
import { HEXIS_VERSION, REDIS_VERSION } from '../node/version.js';
import type { Ports } from './doors.js';
import type { NodeHost } from './host.js';

/** The first lines of the log. */
export function sayHello({ processId }: NodeHost, log: Log): void {
  log('warning', 'oO0OoO0OoO0Oo Hexis is starting oO0OoO0OoO0Oo');
  log(
    'warning',
    `Hexis version=${HEXIS_VERSION}, redis=${REDIS_VERSION}, bits=64, pid=${processId}, just started`,
  );
  log('warning', 'Configuration loaded');
}

/** What it is that starts: in a terminal with a picture. */
export function introduce(host: NodeHost, { values }: Config, log: Log, withBanner: boolean): void {
  const { processId } = host;
  const mode = values['cluster-enabled'] ? 'cluster' : 'standalone';
  if (withBanner || values['always-show-logo']) host.log(banner({ mode, port: values.port, processId }));
  else log('notice', `Running mode=${mode}, port=${values.port}.`);
  log('warning', 'Server initialized');
}

/** It serves clients from now on. */
export function sayReady({ client }: Ports, { values }: Config, socketPath: string, log: Log): void {
  if (client !== 0 || values['tls-port'] !== 0) log('notice', 'Ready to accept connections');
  if (socketPath) log('notice', `The server is now ready to accept connections at ${socketPath}`);
}
