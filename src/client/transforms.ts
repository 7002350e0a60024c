/** Replies as typed methods promise them, where RESP2 and RESP3 differ or JavaScript programs expect another shape. */
import type { Transform } from './request.js';

/** 1 or 0, in RESP3 sometimes true or false. */
export const toBoolean: Transform = (reply: unknown) => reply === 1 || reply === true;

/** A number that the server sends as text. */
export const toNumber: Transform = (reply: unknown) => Number(reply);

/** A map, in RESP2 a flat list of names and values. The names become properties of an object without prototype. */
export const toRecord: Transform = (reply: Map<string, unknown> | unknown[]) => {
  const record: Record<string, unknown> = Object.create(null);
  if (reply instanceof Map) for (const [name, value] of reply) record[String(name)] = value;
  else for (let i = 0; i < reply.length; i += 2) record[String(reply[i])] = reply[i + 1];
  return record;
};
