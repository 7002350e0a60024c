/**
 * `hexis/server`: a node inside your own process.
 *
 *     import { startServer } from 'hexis/server';
 *
 *     const server = await startServer({ config: { port: 7000, appendonly: true, dir: './data' } });
 *     …
 *     await server.close();
 */
export { Config, ConfigError, type DirectiveName } from '../node/config/index.js';
export { DiskError } from '../node/host.js';
export { ListenError } from './listener.js';
export { type Directives, type RunningServer, type ServerOptions, startServer } from './server.js';
export { StartError } from './start-error.js';
