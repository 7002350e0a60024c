/** R1, R4-R6, R10: 200 disasters of six nodes. `npm run sim -- --seeds 10000` is the same for longer. */
import { describe, it } from 'vitest';
import { expectNoViolations } from './disasters.js';

const SEEDS = 200;
const PART = 25;

describe('six nodes', () => {
  it.each(Array.from({ length: SEEDS / PART }, (_, i) => 1 + i * PART))(
    `survive ${PART} disasters from seed %i on`,
    (first) => expectNoViolations(6, first, PART),
    120_000,
  );
});
