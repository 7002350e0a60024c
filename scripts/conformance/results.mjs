// What was found, a JSON file for each file of a suite, so that a run can stop and go on.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export class Results {
  folder;

  /** Without a folder nothing is kept. */
  constructor(folder) {
    this.folder = folder;
  }

  read(engine, mode, file) {
    const path = this.folder && this.path(engine, mode, file, 'json');
    return path && existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
  }

  write(engine, mode, file, { passed, failed, seconds }, { output, serverLog }) {
    if (!this.folder) return;
    const path = this.path(engine, mode, file, 'json');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(this.path(engine, mode, file, 'log'), output);
    if (serverLog !== undefined) writeFileSync(this.path(engine, mode, file, 'server.log'), serverLog);
    writeFileSync(path, JSON.stringify({ passed, failed, seconds }, null, 2));
  }

  path(engine, mode, file, ending) {
    return join(this.folder, mode, engine, `${file.replaceAll('/', '-')}.${ending}`);
  }
}
