/**
 * npm run fuzz -- [requests|payloads|snapshots|frames] [--inputs N] [--rounds N] [--seed S]: one fuzzer for long, or all in
 * turn. It runs in a thread, so that a round that never ends is noticed as well.
 */
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { FUZZERS } from './fuzzers.js';
import { runRound } from './round.js';

/** A round takes a second at most. */
const PATIENCE_MS = 120_000;

interface Job {
  readonly name: keyof typeof FUZZERS;
  readonly seed: number;
  readonly inputs: number;
  readonly rounds: number;
}

interface Progress {
  readonly seed: number;
  readonly inputs: number;
}

function work({ name, seed, inputs, rounds }: Job): void {
  let done = 0;
  for (let round = 0; round < rounds && done < inputs; round++) {
    parentPort!.postMessage({ seed: seed + round, inputs: done } satisfies Progress);
    done += runRound(name, seed + round, FUZZERS[name]);
  }
  parentPort!.postMessage({ seed: -1, inputs: done } satisfies Progress);
}

/** Runs a fuzzer in a thread; answers whether all went well. */
function fuzz(job: Job): Promise<boolean> {
  const begun = performance.now();
  let last: Progress = { seed: job.seed, inputs: 0 };
  let rounds = 0;
  let mostMemory = 0;
  const report = (outcome: string) => {
    const seconds = (performance.now() - begun) / 1000;
    const seeds = `seeds ${job.seed}-${job.seed + Math.max(rounds - 1, 0)}`;
    const memory = `${(mostMemory / 2 ** 20).toFixed(0)} MB at most`;
    console.log(
      `${job.name}: ${last.inputs} inputs in ${seconds.toFixed(0)} s, ${seeds}, ${memory}: ${outcome}`,
    );
  };
  return new Promise((fulfil) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: job });
    const hung = () => {
      report(
        `seed ${last.seed} doesn't end; again: npm run fuzz -- ${job.name} --seed ${last.seed} --rounds 1`,
      );
      void worker.terminate();
      fulfil(false);
    };
    let patience = setTimeout(hung, PATIENCE_MS);
    worker.on('message', (progress: Progress) => {
      last = progress;
      mostMemory = Math.max(mostMemory, process.memoryUsage.rss());
      clearTimeout(patience);
      if (progress.seed < 0) {
        report('ok');
        fulfil(true);
        return;
      }
      rounds++;
      if (rounds % 500 === 0) report('so far');
      patience = setTimeout(hung, PATIENCE_MS);
    });
    worker.on('error', (error) => {
      clearTimeout(patience);
      report('failed');
      console.error(error);
      fulfil(false);
    });
  });
}

if (isMainThread) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { inputs: { type: 'string' }, rounds: { type: 'string' }, seed: { type: 'string' } },
  });
  const known = Object.keys(FUZZERS) as Job['name'][];
  const names = positionals.length > 0 ? (positionals as Job['name'][]) : known;
  const wrong = names.find((name) => !known.includes(name));
  if (wrong !== undefined) throw new Error(`no fuzzer ${wrong}; there are ${known.join(', ')}`);
  for (const name of names) {
    const job = {
      name,
      seed: Number(values.seed ?? 1),
      inputs: Number(values.inputs ?? (values.rounds ? Number.POSITIVE_INFINITY : 100_000)),
      rounds: Number(values.rounds ?? Number.POSITIVE_INFINITY),
    };
    if (!(await fuzz(job))) process.exitCode = 1;
  }
} else work(workerData as Job);
