import { describe, expect, it } from 'vitest';
import { connect, LoneNode } from '../../../test/support/lone-node.js';
import { parseReply } from '../../../test/support/resp.js';

/** The commands of the slow log, the newest first. */
function slowCommands(lone: LoneNode): string[] {
  const reply = parseReply(Buffer.from(lone.send('SLOWLOG', 'GET', '-1'), 'latin1'));
  if (!('elements' in reply)) throw new Error('no list');
  return reply.elements.map((entry) => {
    const words = 'elements' in entry ? entry.elements[3] : entry;
    if (!('elements' in words)) throw new Error('no words');
    return words.elements.map((word) => ('text' in word ? word.text : '')).join(' ');
  });
}

describe('the slow log', () => {
  it('has what took long, and nothing else', () => {
    const lone = new LoneNode({ 'slowlog-log-slower-than': '100000' });
    lone.send('SET', 'k', 'v');
    lone.send('DEBUG', 'SLEEP', '0.2');
    expect(slowCommands(lone)).toEqual(['DEBUG SLEEP 0.2']);
  });

  it('shows no secrets', () => {
    const lone = new LoneNode({ 'slowlog-log-slower-than': '0' });
    lone.send('CONFIG', 'SET', 'masterauth', 'secret', 'timeout', '0');
    lone.send('AUTH', 'default', 'secret');
    lone.send('HELLO', '2', 'AUTH', 'default', 'secret');
    expect(slowCommands(lone)).toEqual([
      'HELLO 2 AUTH (redacted) (redacted)',
      'AUTH (redacted) (redacted)',
      'CONFIG SET masterauth (redacted) timeout 0',
    ]);
  });

  it('keeps the latest, shortened', () => {
    const lone = new LoneNode({ 'slowlog-log-slower-than': '0', 'slowlog-max-len': '2' });
    lone.send('PING');
    lone.send('DEL', ...Array.from({ length: 40 }, (_, i) => `k${i}`));
    lone.send('GET', 'k'.repeat(200));
    const [get, del] = slowCommands(lone);
    expect(get).toBe(`GET ${'k'.repeat(128)}... (72 more bytes)`);
    expect(del.endsWith('k28 k29 ... (10 more arguments)')).toBe(true);
  });
});

describe('latency', () => {
  it('is recorded by event, at most once a second', () => {
    const lone = new LoneNode({ 'latency-monitor-threshold': '100' });
    lone.send('DEBUG', 'SLEEP', '0.05');
    expect(lone.send('LATENCY', 'LATEST')).toBe('*0\r\n');
    for (const seconds of ['0.2', '0.4', '0.3']) {
      lone.send('DEBUG', 'SLEEP', seconds);
      lone.time.advance(1000);
    }
    const history = lone.send('LATENCY', 'HISTORY', 'command');
    expect(history.match(/:\d{3}\r\n/g)).toEqual([':200\r\n', ':400\r\n', ':300\r\n']);
    expect(lone.send('LATENCY', 'DOCTOR')).toContain('Worst of all time 400 ms');
    expect(lone.send('LATENCY', 'GRAPH', 'command')).toContain('high 400 ms, low 200 ms');
    expect(lone.send('LATENCY', 'RESET', 'command', 'nothing')).toBe(':1\r\n');
  });

  it('of every command is known as a distribution', () => {
    const lone = new LoneNode();
    lone.send('DEBUG', 'SLEEP', '0.01');
    expect(lone.send('LATENCY', 'HISTOGRAM', 'debug')).toContain('calls\r\n:1\r\n');
    expect(lone.send('INFO', 'latencystats')).toMatch(/latency_percentiles_usec_debug:p50=10\d\d\d\.\d+,/);
    lone.send('CONFIG', 'RESETSTAT');
    expect(lone.send('LATENCY', 'HISTOGRAM', 'debug')).toBe('*0\r\n');
  });
});

describe('MONITOR', () => {
  it('shows a session that says goodbye to others, not to itself', () => {
    const lone = new LoneNode();
    const leaving = connect(lone);
    expect(lone.send('MONITOR') + leaving.send('MONITOR')).toBe('+OK\r\n+OK\r\n');
    expect(leaving.send('QUIT')).toBe('+OK\r\n');
    expect(lone.takeOutput()).toContain('"QUIT"');
  });
});
