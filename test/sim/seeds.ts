/**
 * Runs a simulation for a row of seeds. When one fails the error says how to run that very case again, and the seed
 * is all that is needed for it.
 */
export async function forEachSeed(
  file: string,
  seeds: number,
  run: (seed: number) => void | Promise<void>,
): Promise<void> {
  const given = process.env.HEXIS_SEED;
  const first = given === undefined ? 1 : Number(given);
  const last = given === undefined ? seeds : first;
  for (let seed = first; seed <= last; seed++) {
    try {
      await run(seed);
    } catch (error) {
      throw new Error(`seed ${seed} failed; again: HEXIS_SEED=${seed} npx vitest run ${file}`, {
        cause: error,
      });
    }
  }
}
