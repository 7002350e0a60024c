/** Debian's redis-cli as an administrator of a cluster. */
import { execFile } from 'node:child_process';

/** Runs `redis-cli --cluster …`; answers what it printed, and throws with the end of it when it failed. */
export function redisCli(...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('redis-cli', ['--cluster', ...args], { timeout: 30_000 }, (error, output) => {
      if (error) reject(new Error(`redis-cli --cluster ${args.join(' ')}:\n${output.slice(-2000)}`));
      else resolve(output);
    });
  });
}
