/**
 * Places on earth as numbers: geohashes of 52 bits, which a double holds exactly, so that a place's score in a sorted set is
 * its geohash and places near each other are mostly near each other in the set.
 *
 * Longitude and latitude are divided into 2^26 steps each, and the bits of the two numbers of steps take turns. Dropping
 * pairs of bits at the end gives larger cells; a cell is a range of scores. The edges of the map are those of Web
 * Mercator (EPSG:3857), as Redis has it.
 */

/** The finest division, in bits of each coordinate. */
export const FINEST = 26;

/** The smallest and largest value of a coordinate, in degrees. */
export interface Extent {
  readonly min: number;
  readonly max: number;
}

export const LONGITUDE: Extent = { min: -180, max: 180 };
export const LATITUDE: Extent = { min: -85.05112878, max: 85.05112878 };

/** A cell: its column and row in a map of 2^level columns and as many rows. */
export interface Cell {
  readonly level: number;
  readonly column: number;
  readonly row: number;
}

export interface Point {
  longitude: number;
  latitude: number;
}

/** The cell of this level that a place lies in. */
export function cellOf(
  { longitude, latitude }: Point,
  level: number,
  columns = LONGITUDE,
  rows = LATITUDE,
): Cell {
  return { level, column: stepOf(longitude, columns, level), row: stepOf(latitude, rows, level) };
}

function stepOf(value: number, { min, max }: Extent, level: number): number {
  return Math.trunc(((value - min) / (max - min)) * 2 ** level);
}

/** The cell so many columns further east and rows further north; the map has no edges. */
export function neighbour({ level, column, row }: Cell, east: number, north: number): Cell {
  const mask = 2 ** level - 1;
  return {
    level,
    column: east === 0 ? column : (column + east) & mask,
    row: north === 0 ? row : (row + north) & mask,
  };
}

/** The western and eastern edge of a cell. */
export function columnEdges({ level, column }: Cell): Extent {
  return edges(column, level, LONGITUDE);
}

/** The southern and northern edge of a cell. */
export function rowEdges({ level, row }: Cell): Extent {
  return edges(row, level, LATITUDE);
}

function edges(step: number, level: number, { min, max }: Extent): Extent {
  const steps = 2 ** level;
  return { min: min + (step / steps) * (max - min), max: min + ((step + 1) / steps) * (max - min) };
}

/** The scores of all places in a cell: `min` is among them, `max` isn't. */
export function scoresIn(cell: Cell): Extent {
  const size = 4 ** (FINEST - cell.level);
  const hash = interleave(cell.row, cell.column);
  return { min: hash * size, max: (hash + 1) * size };
}

/** The score of a place. */
export function scoreOf(place: Point): number {
  const { row, column } = cellOf(place, FINEST);
  return interleave(row, column);
}

/** The place that a score stands for: the centre of its cell. Any number is taken for a score. */
export function placeOf(score: number): Point {
  const whole = Math.trunc(score);
  const high = Math.floor(whole / 2 ** 32);
  const low = whole - high * 2 ** 32;
  const row = everySecondBit(low) + everySecondBit(high) * 2 ** 16;
  const column = everySecondBit(low >>> 1) + everySecondBit(high >>> 1) * 2 ** 16;
  return {
    longitude: middle(edges(column, FINEST, LONGITUDE), LONGITUDE),
    latitude: middle(edges(row, FINEST, LATITUDE), LATITUDE),
  };
}

function middle({ min, max }: Extent, within: Extent): number {
  return Math.max(within.min, Math.min(within.max, (min + max) / 2));
}

/** The bits of two numbers below 2^27 in turns, those of `even` at the even places. */
function interleave(even: number, odd: number): number {
  const low = spread(even & 0xffff) | (spread(odd & 0xffff) << 1);
  const high = spread(even >>> 16) | (spread(odd >>> 16) << 1);
  return (high >>> 0) * 2 ** 32 + (low >>> 0);
}

/** 16 bits, moved to the even places of 32. */
function spread(bits: number): number {
  bits = (bits | (bits << 8)) & 0x00ff00ff;
  bits = (bits | (bits << 4)) & 0x0f0f0f0f;
  bits = (bits | (bits << 2)) & 0x33333333;
  return (bits | (bits << 1)) & 0x55555555;
}

/** The 16 bits at the even places of 32. */
function everySecondBit(bits: number): number {
  bits &= 0x55555555;
  bits = (bits | (bits >>> 1)) & 0x33333333;
  bits = (bits | (bits >>> 2)) & 0x0f0f0f0f;
  bits = (bits | (bits >>> 4)) & 0x00ff00ff;
  return (bits | (bits >>> 8)) & 0xffff;
}

const ALPHABET = '0123456789bcdefghjkmnpqrstuvwxyz';
const POLE_TO_POLE: Extent = { min: -90, max: 90 };

/** The geohash of a score as the rest of the world writes it, in 11 letters; the last is always 0, for want of bits. */
export function geohashText(score: number): string {
  const { row, column } = cellOf(placeOf(score), FINEST, LONGITUDE, POLE_TO_POLE);
  const hash = interleave(row, column);
  let text = '';
  for (let bits = 2 * FINEST - 5; bits >= 0; bits -= 5) text += ALPHABET[Math.floor(hash / 2 ** bits) % 32];
  return `${text}0`;
}
