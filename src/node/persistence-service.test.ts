import { expect, it } from 'vitest';
import { LoneNode } from '../../test/support/lone-node.js';
import { MemoryDisk } from '../../test/support/memory-disk.js';
import { DiskError } from './host.js';

it('refuses writes that the append-only file has no room for, until it is switched off', () => {
  const disk = new MemoryDisk();
  const lone = new LoneNode({ appendonly: 'yes' }, { disk });
  disk.writeFailure = new DiskError('ENOSPC', 'No space left on device');
  lone.send('SET', 'k', '1');
  lone.advance(2000);
  expect(lone.send('SET', 'k', '2')).toBe(
    '-MISCONF Errors writing to the AOF file: No space left on device\r\n',
  );
  expect(lone.send('CONFIG', 'SET', 'appendonly', 'no')).toBe('+OK\r\n');
  expect(lone.send('SET', 'k', '3')).toBe('+OK\r\n');
  disk.writeFailure = undefined;
  expect(lone.send('CONFIG', 'SET', 'appendonly', 'yes')).toBe('+OK\r\n');
  lone.advance(2000);
  expect(lone.send('SET', 'k', '4')).toBe('+OK\r\n');
  lone.advance(2000);
  expect(new LoneNode({ appendonly: 'yes' }, { disk }).send('GET', 'k')).toBe('$1\r\n4\r\n');
});
