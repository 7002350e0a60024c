import { describe, expect, it } from 'vitest';
import {
  EMPTY_MANIFEST,
  formatManifest,
  ManifestError,
  parseManifest,
  withNewBase,
  withNewIncrement,
  withOldIncrementsAsHistory,
} from './manifest.js';

const BASE = 'file a.1.base.rdb seq 1 type b\n';
const INCREMENT = 'file a.1.incr.aof seq 1 type i\n';

function complaint(text: string): string {
  try {
    parseManifest(text);
  } catch (error) {
    expect(error).toBeInstanceOf(ManifestError);
    return (error as ManifestError).message;
  }
  return 'none';
}

describe('the manifest', () => {
  it('goes through a life of rewrites', () => {
    let manifest = withNewIncrement(withNewBase(EMPTY_MANIFEST, 'a', 'rdb'), 'a');
    expect(formatManifest(manifest)).toBe(BASE + INCREMENT);
    manifest = withNewBase(withNewIncrement(manifest, 'a'), 'a', 'rdb');
    manifest = withOldIncrementsAsHistory(manifest, 1);
    const text =
      'file a.2.base.rdb seq 2 type b\n' +
      'file a.1.incr.aof seq 1 type h\nfile a.1.base.rdb seq 1 type h\n' +
      'file a.2.incr.aof seq 2 type i\n';
    expect(formatManifest(manifest)).toBe(text);
    expect(parseManifest(text)).toEqual(manifest);
  });

  it('spells odd names in quotes', () => {
    const manifest = withNewBase(EMPTY_MANIFEST, 'my "file" \n\x01', 'aof');
    expect(formatManifest(manifest)).toBe('file "my \\"file\\" \\n\\x01.1.base.aof" seq 1 type b\n');
    expect(parseManifest(formatManifest(manifest))).toEqual(manifest);
  });

  it('passes over comments and fields of later versions', () => {
    const text = `# hello\n${BASE.trim()} future yes\n`;
    expect(parseManifest(text).base).toEqual({ name: 'a.1.base.rdb', sequence: 1 });
  });

  it('says what is wrong in the words of Redis', () => {
    expect(complaint('')).toBe('Found an empty AOF manifest');
    expect(complaint(BASE + BASE)).toBe('Found duplicate base file information');
    expect(complaint(INCREMENT + INCREMENT)).toBe('Found a non-monotonic sequence number');
    expect(complaint('file a seq 1 type x\n')).toBe('Unknown AOF file type');
    expect(complaint('file ../a seq 1 type b\n')).toBe("File can't be a path, just a filename");
    expect(complaint('file a seq 1\n')).toBe('Invalid AOF manifest file format');
    expect(complaint('file a seq 0 type b\n')).toBe('Invalid AOF manifest file format');
    expect(complaint('\n')).toBe('Invalid AOF manifest file format');
    expect(complaint(BASE.trim())).toBe('The AOF manifest file contains too long line');
    expect(complaint(`file ${'a'.repeat(1100)} seq 1 type b\n`)).toBe(
      'The AOF manifest file contains too long line',
    );
  });
});
