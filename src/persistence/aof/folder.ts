/**
 * Where the append-only file lives: names of its files and the reading and writing of its manifest. Used by the
 * loader, which reads the folder, and the log, which writes it.
 */
import { type AppendFile, type Disk, DiskError, type Log } from '../../node/host.js';
import { fromLatin1, latin1 } from '../../protocol/bytes.js';
import { EMPTY_MANIFEST, formatManifest, type Manifest, ManifestError, parseManifest } from './manifest.js';

export class AofFolder {
  /**
   * @param directory `appenddirname`
   * @param filename `appendfilename`
   */
  constructor(
    readonly disk: Disk,
    private readonly log: Log,
    readonly directory: string,
    readonly filename: string,
  ) {}

  /** Path of a file of the folder. */
  path(name: string): string {
    return `${this.directory}/${name}`;
  }

  /** Reads the manifest; an empty one when there is none. Logs what is wrong and throws `ManifestError` or `DiskError`. */
  readManifest(): Manifest {
    const name = `${this.filename}.manifest`;
    const bytes = this.attempt(`Fatal error: can't open the AOF manifest ${name} for reading`, () =>
      this.disk.read(this.path(name)),
    );
    if (bytes === undefined) return EMPTY_MANIFEST;
    try {
      return parseManifest(latin1(bytes));
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      this.log('warning', '\n*** FATAL AOF MANIFEST FILE ERROR ***\n');
      if (error.line !== undefined) {
        this.log('warning', `Reading the manifest file, at line ${error.line}\n`);
        this.log('warning', `>>> '${error.text}'\n`);
      }
      this.log('warning', `${error.message}\n`);
      throw error;
    }
  }

  /** Writes the manifest, whole or not at all. Logs what is wrong and throws `DiskError`. */
  writeManifest(manifest: Manifest): void {
    const name = `${this.filename}.manifest`;
    this.attempt(`Error trying to write the temporary AOF manifest file temp-${name}`, () =>
      this.disk.replace(this.path(name), fromLatin1(formatManifest(manifest))),
    );
  }

  create(): void {
    this.attempt(`Can't open or create append-only dir ${this.directory}`, () =>
      this.disk.makeDirectory(this.directory),
    );
  }

  /** Name of the increment that is written while the log is being switched on, until there is a base. */
  get temporaryIncrement(): string {
    return `temp-${this.filename}.incr`;
  }

  /** Opens an increment to be written, from its beginning when `empty`. Logs what is wrong and throws `DiskError`. */
  openIncrement(name: string, empty: boolean): AppendFile {
    return this.attempt(`Can't open the append-only file ${name}`, () => {
      const file = this.disk.append(this.path(name));
      if (empty && file.size > 0) file.truncate(0);
      return file;
    });
  }

  /** A finished temporary file gets its name in the folder. Logs what is wrong and throws `DiskError`. */
  moveIn(from: string, name: string, kind: 'AOF base file' | 'AOF incr file'): void {
    this.attempt(`Error trying to rename the temporary ${kind} ${from} into ${name}`, () =>
      this.disk.rename(from, this.path(name)),
    );
    this.log('notice', `Successfully renamed the temporary ${kind} ${from} into ${name}`);
  }

  /** Deletes what is history. Answers the manifest without it; when the disk refuses, the one before: no harm done. */
  deleteHistory(manifest: Manifest): Manifest {
    if (manifest.history.length === 0) return manifest;
    try {
      for (const { name } of manifest.history) {
        this.log('notice', `Removing the history file ${name} in the background`);
        this.disk.remove(this.path(name));
      }
      const cleared = { ...manifest, history: [] };
      this.writeManifest(cleared);
      return cleared;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      return manifest; // tried again after the next rewrite
    }
  }

  /** Runs a step; when the disk refuses, logs `complaint` and why, and throws the `DiskError` on. */
  attempt<T>(complaint: string, step: () => T): T {
    try {
      return step();
    } catch (error) {
      if (error instanceof DiskError) this.log('warning', `${complaint}: ${error.message}`);
      throw error;
    }
  }
}
