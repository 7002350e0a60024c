import { describe, expect, it } from 'vitest';
import { bulk, encodeCommand } from './encode.js';

describe('encoding', () => {
  it('counts bytes, not characters', () => {
    expect(Buffer.from(encodeCommand(['SET', 'ключ', '😀']), 'latin1').toString()).toBe(
      '*3\r\n$3\r\nSET\r\n$8\r\nключ\r\n$4\r\n😀\r\n',
    );
    // Characters between U+0080 and U+00FF fit one byte of the string but are two in UTF-8.
    expect(bulk('é')).toBe('$2\r\nÃ©\r\n');
  });

  it('takes numbers, bigints and bytes', () => {
    expect(bulk(-1.5)).toBe('$4\r\n-1.5\r\n');
    expect(bulk(2n ** 63n)).toBe('$19\r\n9223372036854775808\r\n');
    expect(bulk(new Uint8Array([0, 255]))).toBe('$2\r\n\0ÿ\r\n');
    expect(bulk('x'.repeat(5000))).toMatch(/^\$5000\r\nx+\r\n$/);
  });

  it('refuses what a mistake would have sent as text', () => {
    for (const wrong of [undefined, null, {}, [], true]) {
      expect(() => bulk(wrong as never)).toThrow(TypeError);
    }
  });
});
