import { describe, expect, it } from 'vitest';
import { connect, LoneNode } from '../../test/support/lone-node.js';

const FAILED = '-ERR Errors trying to SHUTDOWN. Check logs.\r\n';

/** A master with one replica that is played by hand and has acknowledged nothing yet. */
function masterWithReplica(directives: Record<string, string> = {}) {
  const lone = new LoneNode({ 'shutdown-timeout': '10', ...directives });
  const replica = connect(lone);
  replica.send('REPLCONF', 'listening-port', '7001', 'capa', 'eof', 'capa', 'psync2');
  replica.send('PSYNC', '?', '-1');
  lone.advance(100);
  const catchUp = () => replica.send('REPLCONF', 'ACK', lone.info('master_repl_offset')!);
  catchUp();
  lone.send('SET', 'k', '1');
  return { lone, replica, catchUp };
}

describe('a shutdown', () => {
  it('is done at once without replicas', () => {
    const lone = new LoneNode();
    lone.send('SHUTDOWN');
    expect(lone.exited).toBe(0);
  });

  it('acknowledges no write that comes after the data was saved', () => {
    const lone = new LoneNode();
    const writing = connect(lone);
    lone.send('SHUTDOWN');
    expect(writing.send('SET', 'k', '1')).toBe('');
  });

  it('waits for replicas to catch up, with writes held back', () => {
    const { lone, replica, catchUp } = masterWithReplica();
    const [asking, writing] = [connect(lone), connect(lone)];
    expect(asking.send('SHUTDOWN')).toBe('');
    expect(lone.exited).toBeUndefined();
    expect(writing.send('SET', 'k', '2')).toBe('');
    expect(lone.info('shutdown_in_milliseconds')).toBe('10000');
    lone.advance(10);
    expect(replica.output).toContain('GETACK');
    catchUp();
    expect(lone.exited).toBe(0);
    expect(lone.lines).toContain('* 1 of 1 replicas are in sync when shutting down.');
    expect(asking.output + writing.output).toBe('');
  });

  it('waits no longer than shutdown-timeout, and says who lags', () => {
    const { lone } = masterWithReplica();
    expect(lone.node.shutdown({})).toBeUndefined();
    lone.advance(9900);
    expect(lone.exited).toBeUndefined();
    lone.advance(200);
    expect(lone.exited).toBe(0);
    expect(lone.lines.some((line) => line.startsWith('# Lagging replica :7001 reported offset'))).toBe(true);
    expect(lone.lines).toContain('* 0 of 1 replicas are in sync when shutting down.');
  });

  it('ends when the replica goes, and does not wait with NOW or a timeout of 0', () => {
    const { lone, replica } = masterWithReplica();
    lone.send('SHUTDOWN');
    replica.disconnect();
    expect(lone.exited).toBe(0);
    const hurried = masterWithReplica().lone;
    hurried.send('SHUTDOWN', 'NOW');
    expect(hurried.exited).toBe(0);
    const impatient = masterWithReplica({ 'shutdown-timeout': '0' }).lone;
    impatient.send('SHUTDOWN');
    expect(impatient.exited).toBe(0);
  });

  it('sends replicas what they have not been sent', () => {
    const { lone, replica } = masterWithReplica();
    replica.output = '';
    lone.sendTogether(['SET', 'k', 'last'], ['SHUTDOWN', 'NOW']);
    expect(lone.exited).toBe(0);
    expect(replica.output).toContain('last');
  });

  it('can be called off, and everybody goes on', () => {
    const { lone, catchUp } = masterWithReplica();
    const [first, second, writing] = [connect(lone), connect(lone), connect(lone)];
    first.send('SHUTDOWN');
    second.send('SHUTDOWN', 'NOSAVE');
    writing.send('SET', 'k', '2');
    expect(lone.info('blocked_clients')).toBe('3');
    expect(lone.send('SHUTDOWN', 'ABORT')).toBe('+OK\r\n');
    expect([first.output, second.output, writing.output]).toEqual([FAILED, FAILED, '+OK\r\n']);
    catchUp();
    lone.advance(20_000);
    expect(lone.exited).toBeUndefined();
    expect(lone.send('SHUTDOWN', 'ABORT')).toBe('-ERR No shutdown in progress.\r\n');
  });

  it('begins with the next periodic work when a signal asks for it, and can be aborted until then', () => {
    const lone = new LoneNode();
    lone.node.requestShutdown({});
    expect(lone.node.shutdowns.underWay).toBe(true);
    expect(lone.send('SHUTDOWN', 'ABORT')).toBe('+OK\r\n');
    expect(lone.lines.at(-1)).toBe('* Shutdown manually aborted.');
    expect(lone.node.shutdowns.underWay).toBe(false);
    lone.advance(1000);
    expect(lone.exited).toBeUndefined();
    lone.node.requestShutdown({});
    lone.advance(100);
    expect(lone.exited).toBe(0);
    expect(lone.node.shutdowns.underWay).toBe(true);
  });

  it('waits for periodic work to go on', () => {
    const lone = new LoneNode();
    lone.send('DEBUG', 'PAUSE-CRON', '1');
    lone.node.requestShutdown({});
    lone.advance(1000);
    expect(lone.exited).toBeUndefined();
    lone.send('DEBUG', 'PAUSE-CRON', '0');
    lone.advance(100);
    expect(lone.exited).toBe(0);
  });
});
