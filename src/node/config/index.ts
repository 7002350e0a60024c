/** A node's configuration. */
export { type ChangeListener, Config, type ConfigCaller, type ConfigStore } from './config.js';
export { DIRECTIVES, type Name as DirectiveName, type Values as ConfigValues } from './directives.js';
export {
  type CommandLine,
  ConfigFileError,
  type ConfigPlace,
  type ConfigSource,
  loadConfig,
  parseCommandLine,
} from './file.js';
export { ConfigError, quote } from './kinds.js';
export { CHANNEL, type OutputLimit, type OutputLimits, type ReplicaOf, type SavePoint } from './special.js';
