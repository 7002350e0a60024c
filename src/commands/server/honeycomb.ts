/** LOLWUT's picture: a honeycomb in which some cells are filled, a different one every time. */
import { REDIS_VERSION } from '../../protocol/redis-version.js';

const ROWS = 6;
const COLUMNS = 12;

/** The picture as text. `random` answers unsigned 32-bit numbers. */
export function honeycomb(random: () => number): string {
  const edges = ' / \\'.repeat(COLUMNS);
  const lines = [edges];
  for (let row = 0; row < ROWS; row++) {
    const indent = row % 2 === 0 ? '' : '  ';
    let cells = indent;
    for (let column = 0; column < COLUMNS; column++) cells += `| ${random() % 3 === 0 ? '#' : ' '} `;
    lines.push(`${cells}|`, indent + ' \\ /'.repeat(COLUMNS));
  }
  return `${lines.join('\n')}\n\nHexis, in the place of Redis ver. ${REDIS_VERSION}\n`;
}
