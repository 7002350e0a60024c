/** The families under comparison: every export of the files here whose name begins so. A new file is found by itself. */
import { readdirSync } from 'node:fs';

/** All exports of the files `PREFIX….ts` beside this one, by name. */
export async function familiesIn<T>(prefix: string): Promise<Record<string, T>> {
  const families: Record<string, T> = {};
  const files = readdirSync(import.meta.dirname)
    .filter((file) => file.startsWith(prefix))
    .sort();
  for (const file of files) Object.assign(families, await import(`./${file}`));
  return families;
}
