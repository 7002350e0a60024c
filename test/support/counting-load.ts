/** Clients that count on many keys while a test disturbs the cluster: every acknowledged count must be there at the end. */
import { expect } from 'vitest';
import type { Client } from '../../src/client/index.js';

const KEYS = 200;
const WRITERS = 4;

export class CountingLoad {
  /** Commands that failed. */
  readonly errors: unknown[] = [];
  private static made = 0;
  private readonly name = `count${CountingLoad.made++}`;
  private readonly counted = new Map<string, number>();
  private readonly writers: Promise<void>[];
  private running = true;

  constructor(private readonly client: Client) {
    this.writers = Array.from({ length: WRITERS }, (_, n) => this.write(n));
  }

  private async write(first: number): Promise<void> {
    for (let n = first; this.running; n += 7) {
      const key = `${this.name}:${n % KEYS}`;
      try {
        await this.client.incr(key);
        this.counted.set(key, (this.counted.get(key) ?? 0) + 1);
      } catch (error) {
        this.errors.push(error);
        this.counted.delete(key); // whether it was counted isn't known any more
        return;
      }
    }
  }

  /** Ends the load and requires that no command failed and every key holds what was counted. */
  async stopAndCheck(): Promise<void> {
    this.running = false;
    await Promise.all(this.writers);
    expect(this.errors).toEqual([]);
    for (const [key, count] of this.counted)
      expect([key, await this.client.get(key)]).toEqual([key, `${count}`]);
  }
}
