/**
 * Circles and boxes on the map: which places lie in them, and which cells cover them.
 *
 * A search looks into nine cells of one size: the one that the centre lies in and those around it, as large as necessary to
 * cover the shape wherever in its cell the centre is. Cells that the shape's bounding box doesn't reach are left out. Sizes,
 * rounding and the order of cells are Redis's, since they can be seen in what COUNT … ANY answers.
 */
import {
  type Cell,
  cellOf,
  columnEdges,
  type Extent,
  FINEST,
  neighbour,
  type Point,
  rowEdges,
} from './cells.js';

/** In metres. */
const EARTH_RADIUS = 6372797.560856;
/** Half of the map's width at the equator, in metres. */
const HALF_MAP = 20037726.37;

/** Sizes are in metres. */
export type Shape =
  | { readonly centre: Point; readonly radius: number }
  | { readonly centre: Point; readonly width: number; readonly height: number };

function radians(degrees: number): number {
  return degrees * (Math.PI / 180);
}

function degrees(radians: number): number {
  return radians / (Math.PI / 180);
}

/** Metres between two places (haversine formula). */
export function distance(a: Point, b: Point): number {
  const v = Math.sin((radians(b.longitude) - radians(a.longitude)) / 2);
  if (v === 0) return latitudeDistance(a, b);
  const latitudeA = radians(a.latitude);
  const latitudeB = radians(b.latitude);
  const u = Math.sin((latitudeB - latitudeA) / 2);
  return 2 * EARTH_RADIUS * Math.asin(Math.sqrt(u * u + Math.cos(latitudeA) * Math.cos(latitudeB) * v * v));
}

function latitudeDistance(a: Point, b: Point): number {
  return EARTH_RADIUS * Math.abs(radians(b.latitude) - radians(a.latitude));
}

/** Metres from the shape's centre to a place in it, NaN when the place lies outside. */
export function distanceWithin(shape: Shape, place: Point): number {
  const { centre } = shape;
  if ('radius' in shape) {
    const metres = distance(centre, place);
    return metres > shape.radius ? Number.NaN : metres;
  }
  if (latitudeDistance(place, centre) > shape.height / 2) return Number.NaN;
  const onSameLatitude = { longitude: centre.longitude, latitude: place.latitude };
  if (distance(place, onSameLatitude) > shape.width / 2) return Number.NaN;
  return distance(centre, place);
}

/** Cells that together cover the shape; each once, the one in the middle first. */
export function cellsAround(shape: Shape): Cell[] {
  const { centre } = shape;
  const box = boundingBox(shape);
  let level = levelFor(shape);
  let cell = cellOf(centre, level);
  if (level > 1 && !isCovered(box, cell)) cell = cellOf(centre, --level);
  // At the coarsest levels there is nothing to be saved. (No number is less than NaN: a circle without end has such edges.)
  const all = level < 2;
  const columns = columnEdges(cell);
  const rows = rowEdges(cell);
  const west = all || !(columns.min < box.longitude.min);
  const east = all || !(columns.max > box.longitude.max);
  const south = all || !(rows.min < box.latitude.min);
  const north = all || !(rows.max > box.latitude.max);
  const cells = [cell];
  const add = (needed: boolean, towardsEast: number, towardsNorth: number): void => {
    if (!needed) return;
    const next = neighbour(cell, towardsEast, towardsNorth);
    const last = cells[cells.length - 1];
    // On a small map neighbours coincide.
    const isSame = last.column === next.column && last.row === next.row;
    if (!isSame || cells.length === 1) cells.push(next);
  };
  add(north, 0, 1);
  add(south, 0, -1);
  add(east, 1, 0);
  add(west, -1, 0);
  add(north && east, 1, 1);
  add(north && west, -1, 1);
  add(south && east, 1, -1);
  add(south && west, -1, -1);
  return cells;
}

interface Box {
  readonly longitude: Extent;
  readonly latitude: Extent;
}

function boundingBox(shape: Shape): Box {
  const { longitude, latitude } = shape.centre;
  const height = 'radius' in shape ? shape.radius : shape.height / 2;
  const width = 'radius' in shape ? shape.radius : shape.width / 2;
  const byLatitude = degrees(height / EARTH_RADIUS);
  // A degree of longitude is shortest towards the pole.
  const towardsPole = latitude < 0 ? latitude - byLatitude : latitude + byLatitude;
  const byLongitude = degrees(width / EARTH_RADIUS / Math.cos(radians(towardsPole)));
  return {
    longitude: { min: longitude - byLongitude, max: longitude + byLongitude },
    latitude: { min: latitude - byLatitude, max: latitude + byLatitude },
  };
}

/** The finest level at which nine cells cover the shape in most places. */
function levelFor(shape: Shape): number {
  let metres = 'radius' in shape ? shape.radius : Math.sqrt((shape.width / 2) ** 2 + (shape.height / 2) ** 2);
  if (metres === 0) return FINEST;
  let level = -1;
  for (; metres < HALF_MAP; metres *= 2) level++;
  const { latitude } = shape.centre;
  // Towards the poles cells are narrower.
  if (Math.abs(latitude) > 66) level--;
  if (Math.abs(latitude) > 80) level--;
  return Math.max(1, Math.min(FINEST, level));
}

/** Whether the cell and those around it reach beyond the box on all sides. */
function isCovered(box: Box, cell: Cell): boolean {
  return !(
    rowEdges(neighbour(cell, 0, 1)).max < box.latitude.max ||
    rowEdges(neighbour(cell, 0, -1)).min > box.latitude.min ||
    columnEdges(neighbour(cell, 1, 0)).max < box.longitude.max ||
    columnEdges(neighbour(cell, -1, 0)).min > box.longitude.min
  );
}
