import { describe, expect, it } from 'vitest';
import { Config } from '../node/config/index.js';
import { processTitle } from './process-title.js';

function titleOf(directives: Record<string, string>): string {
  const config = new Config();
  for (const [name, value] of Object.entries(directives)) config.record(name as 'port', value.split(' '));
  return processTitle(config, 'hexis');
}

describe('the title of the process', () => {
  it('says where the server listens, and whether it is a node of a cluster', () => {
    expect(titleOf({ port: '7000' })).toBe('hexis 127.0.0.1:7000');
    expect(titleOf({ port: '7000', 'cluster-enabled': 'yes' })).toBe('hexis 127.0.0.1:7000 [cluster]');
    expect(titleOf({ port: '0', 'tls-port': '7001', bind: '* -::*' })).toBe('hexis *:7001');
    expect(titleOf({ port: '0', unixsocket: '/tmp/s' })).toBe('hexis unixsocket:/tmp/s');
  });

  it('follows the template', () => {
    const config = new Config();
    config.record('proc-title-template', [
      ' {{{title}} {port} {tls-port} {unixsocket} {server-mode} {config-file} ',
    ]);
    expect(processTitle(config, 'hexis')).toBe('{hexis} 6379 0   -');
  });
});
