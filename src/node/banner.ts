/** What a server prints when it starts in a terminal. */
import { HEXIS_VERSION, REDIS_VERSION } from './version.js';

export interface BannerFacts {
  readonly mode: 'cluster' | 'standalone';
  readonly port: number;
  readonly processId: number;
}

/** Six nodes around a hexagon, and the facts that redis-server's banner has, in its words. */
export function banner({ mode, port, processId }: BannerFacts): string {
  return `
        o-------o
       / \\     / \\          Hexis ${HEXIS_VERSION} (speaks Redis ${REDIS_VERSION})
      /   \\   /   \\
     o-----hexis-----o       Running in ${mode} mode
      \\   /   \\   /         Port: ${port}
       \\ /     \\ /          PID: ${processId}
        o-------o
`;
}
