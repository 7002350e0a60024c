// The results for people: counts, what is missing, and a table for each mode.

export function countOf({ passed, failed }) {
  return `${passed.length} passed${failed.length > 0 ? `, ${failed.length} failed` : ''}`;
}

/** What failed; and of what redis-server passed, the tests that were not reached. */
export function failuresOf(ours, theirs) {
  const reached = ours.passed.slice();
  const missing = [];
  for (const name of theirs?.passed ?? []) {
    const place = reached.indexOf(name);
    if (place >= 0) reached.splice(place, 1);
    else if (!ours.failed.some((text) => text.startsWith(name))) missing.push(`not reached: ${name}`);
  }
  return [...ours.failed, ...missing];
}

/** A row for each file: what passed, what redis-server passed. */
export function table(mode, rows) {
  const compared = rows.some((row) => row.theirs);
  const lines = [`${mode.padEnd(42)}   hexis${compared ? '  redis-server' : ''}`];
  let passed = 0;
  let expected = 0;
  for (const { file, ours, theirs } of rows.filter((row) => row.mode === mode)) {
    passed += ours.passed.length;
    expected += theirs?.passed.length ?? 0;
    const beside = theirs ? `${theirs.passed.length}`.padStart(14) : '';
    lines.push(`${file.padEnd(42)} ${`${ours.passed.length}`.padStart(7)}${beside}`);
  }
  const share = expected > 0 ? ` (${((100 * passed) / expected).toFixed(1)} %)` : '';
  const beside = compared ? `${expected}`.padStart(14) : '';
  lines.push(`${'all'.padEnd(42)} ${`${passed}`.padStart(7)}${beside}${share}`);
  return lines.join('\n');
}
