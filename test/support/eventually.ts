const PAUSE_MS = 20;

/** Waits until the condition holds and no call of it fails; throws, with its last failure, after `limit` milliseconds. */
export async function eventually(condition: () => Promise<boolean> | boolean, limit = 20_000): Promise<void> {
  const end = performance.now() + limit;
  let last: unknown;
  for (;;) {
    try {
      if (await condition()) return;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= end) {
      throw new Error(`not reached within ${limit} ms: ${condition}`, { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
