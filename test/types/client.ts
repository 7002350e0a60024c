/**
 * The types that the client's methods have, checked by the compiler: a wrong one fails `npm run typecheck`. Nothing here
 * is ever run.
 */
import type { Client, Reply } from '../../src/client/index.js';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

declare const client: Client;
declare const flag: boolean;

/** Compiles if the promise is for exactly this type. */
function gives<Expected>() {
  return <Actual>(_: Promise<Actual>, _same: Same<Expected, Actual>): void => {};
}

export function replies(): void {
  gives<string | null>()(client.get('k'), true);
  gives<Uint8Array | null>()(client.bytes.get('k'), true);
  gives<(Uint8Array | null)[]>()(client.bytes.mGet(['k']), true);
  gives<string | null>()(client.bytes.objectEncoding('k'), true);
  gives<Reply>()(client.call('ANY', 1, 2n, Buffer.of(1)), true);
  gives<boolean>()(client.expire('k', 10, 'NX'), true);
  gives<number>()(client.incrByFloat('k', 0.5), true);
  gives<Record<string, string>>()(client.hGetAll('h'), true);
  gives<Set<string>>()(client.sMembers('s'), true);
  gives<[id: string, fields: Record<string, string>][]>()(client.xRange('x', '-', '+'), true);
  gives<Record<string, [id: string, fields: Record<string, string>][]> | null>()(client.xRead('x', 0), true);
  gives<[cursor: string, entries: [field: string, value: string][]]>()(client.hScan('h', 0), true);
  gives<[cursor: string, entries: [member: string, score: number][]]>()(client.zScan('z', '17'), true);
}

export function repliesThatDependOnOptions(): void {
  gives<'OK'>()(client.set('k', 1), true);
  gives<'OK'>()(client.set('k', 1, { ex: 60 }), true);
  gives<'OK' | null>()(client.set('k', 1, { nx: true, px: 5 }), true);
  gives<'OK' | null>()(client.set('k', 1, { xx: flag }), true);
  gives<string | null>()(client.set('k', 1, { get: true, nx: true }), true);
  gives<string[]>()(client.zRange('z', 0, -1, { rev: true }), true);
  gives<[string, number][]>()(client.zRange('z', 0, -1, { rev: true, withscores: true }), true);
  gives<string | null>()(client.lPop('l'), true);
  gives<string[] | null>()(client.lPop('l', 2), true);
  gives<[string, string][]>()(client.hRandField('h', { count: 2, withvalues: true }), true);
  gives<number>()(client.sort('l', { store: 'd', by: 'w_*' }), true);
  gives<number | null>()(client.zAdd('z', { score: 1, member: 'a' }, { incr: true }), true);
  gives<number>()(client.zAdd('z', [{ score: '-inf', member: 'a' }], { ch: true }), true);
}

export async function transactions(): Promise<void> {
  gives<['OK', number, string | null, Set<string>]>()(
    client.multi((t) => [t.set('k', 1), t.incr('k'), t.get('k'), t.sMembers('s')]),
    true,
  );
  gives<number>()(
    client.watch('k', async (session) => (await session.multi((t) => [t.incr('k')]))[0]),
    true,
  );
}

export function mistakes(): void {
  // @ts-expect-error a value is missing
  client.set('k');
  // @ts-expect-error an object is no value
  client.set('k', {});
  // @ts-expect-error there is no such option
  client.set('k', 1, { until: 5 });
  // @ts-expect-error not one of the words
  client.expire('k', 10, 'NEVER');
  // @ts-expect-error whether there are scores has to be known
  client.zRange('z', 0, -1, { withscores: flag });
  // @ts-expect-error one way or the other
  client.geoSearch('g', { fromlonlat: { longitude: 1 } }, { byradius: { radius: 1, unit: 'KM' } });
  // @ts-expect-error needs a member
  client.zAdd('z', { score: 1 });
  // @ts-expect-error the protocol of transactions is the client's business
  client.exec();
}
