/** The shipping node as a program of the virtual world. */
import { Config, loadConfig } from '../node/config/index.js';
import { type ClusterEvent, Node } from '../node/node.js';
import { busPort } from './layout.js';
import type { StartProgram } from './world/process.js';

/** Who follows the lives of a node. */
export interface NodeWatcher {
  /** The process has made its node, which loads its data now. */
  started(node: Node): void;
  happened(event: ClusterEvent): void;
}

/** A program that runs a node with this configuration, the text of a redis.conf, and listens on its ports. */
export function nodeProgram(configText: string, watcher: NodeWatcher): StartProgram {
  return (process) => {
    const config = new Config();
    loadConfig(config, [{ name: 'redis.conf', text: configText }], () => []);
    const node = new Node({ host: process, config, observe: (event) => watcher.happened(event) });
    watcher.started(node);
    node.start((ok) => {
      if (!ok) process.exit(1);
    });
    const { values } = config;
    process.listen(values.port, (link) => node.accept(link));
    if (values['cluster-enabled']) {
      process.listen(values['cluster-port'] || busPort(values.port), (link) => node.acceptBus(link));
    }
    return node;
  };
}
