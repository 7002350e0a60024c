/** `hexis cluster import`. */
import { formatAddress, importKeys, printableKey } from '../../manager/index.js';
import { type MoveWords, migrateOptions } from './moves.js';
import { type Action, addressOf, DONE } from './session.js';

export interface ImportWords extends MoveWords {
  readonly from: string;
  readonly fromUser?: string;
  readonly fromPass?: string;
  readonly copy?: boolean;
}

export const importFrom: Action<ImportWords> = async (session, words, options) => {
  const [source, cluster] = [addressOf([options.from]), addressOf(words)];
  session.print([`>>> Importing data from ${source} to cluster ${cluster}`]);
  const keys = await session.operate((operation) =>
    importKeys(source, cluster, {
      ...operation,
      ...migrateOptions(options),
      copy: options.copy,
      // It connects to the nodes itself, so it speaks TLS where they do.
      source: { username: options.fromUser, password: options.fromPass, tls: session.connect.tls },
      onSize: (size) => session.print([`*** Importing ${size} keys from DB 0`]),
      onKeys: (keys, target) =>
        session.print(keys.map((key) => `Migrating ${printableKey(key)} to ${formatAddress(target)}: OK`)),
    }),
  );
  session.print([`[OK] ${keys} keys imported.`]);
  session.result({ keys });
  return DONE;
};
