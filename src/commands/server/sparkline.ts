/** Numbers drawn in characters: a column a number, its label below, read downwards. */
export interface Point {
  readonly value: number;
  readonly label: string;
}

const ROWS = 4;
/** From low to high within a row; what lies below the top is a bar. */
const MARKS = ['_', 'o', '#'];
const BAR = '|';

/** The drawing, as lines; as many blocks of them as it takes at so many columns. */
export function sparkline(points: readonly Point[], columns: number): string {
  const values = points.map(({ value }) => value);
  const low = Math.min(...values);
  const range = Math.max(...values) - low || 1;
  const blocks: string[] = [];
  for (let from = 0; from < points.length; from += columns) {
    blocks.push(block(points.slice(from, from + columns), low, range));
  }
  return blocks.join('\n');
}

function block(points: readonly Point[], low: number, range: number): string {
  const steps = ROWS * MARKS.length;
  const heights = points.map(({ value }) => Math.min(steps - 1, Math.floor(((value - low) * steps) / range)));
  const lines: string[] = [];
  for (let row = ROWS - 1; row >= 0; row--) {
    lines.push(heights.map((height) => markAt(height - row * MARKS.length)).join(''));
  }
  lines.push(' '.repeat(points.length));
  const longest = Math.max(...points.map(({ label }) => label.length));
  for (let i = 0; i < longest; i++) lines.push(points.map(({ label }) => label[i] ?? ' ').join(''));
  return lines.map((line) => `${line}\n`).join('');
}

/** What a column shows in a row; `height` is counted from the row's bottom. */
function markAt(height: number): string {
  if (height < 0) return ' ';
  return MARKS[height] ?? BAR;
}
