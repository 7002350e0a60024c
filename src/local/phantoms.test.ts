import { expect, it } from 'vitest';
import type { Connections } from '../manager/connections.js';
import { ManagerError } from '../manager/errors.js';
import { ReplyError } from '../protocol/reply-decoder.js';
import { localEndpoints, planLayout } from './layout.js';
import { replacePhantoms } from './phantoms.js';

function refusal(text: string): ManagerError {
  return new ManagerError('REFUSED', text, { cause: new ReplyError(`ERR ${text}`) });
}

it('tells a replica that has gone back to its phantom whom to follow, as soon as it knows its master', async () => {
  const size = { masters: 1, replicas: 1 };
  let seed = 0;
  const layout = planLayout(size, localEndpoints(size, 7000), () => seed++);
  const [master] = layout.nodes;
  const calls: string[] = [];
  let asked = 0;
  let followed = false;
  const connections = {
    async call({ port }: { port: number }, ...[, verb, id]: string[]) {
      calls.push(`${port} ${verb}`);
      if (port === master.port) return 'OK';
      if (verb === 'REPLICATE') {
        expect(id).toBe(master.id);
        if (asked++ === 0) throw refusal('I can only replicate a master, not a replica.');
        followed = true;
      } else if (!followed) throw refusal("Can't forget my master!");
      return 'OK';
    },
  } as unknown as Connections;

  await replacePhantoms(connections, layout);
  expect(calls).toEqual([
    '7000 FAILOVER',
    '7000 FORGET',
    '7001 FORGET',
    '7001 REPLICATE',
    '7001 FORGET',
    '7001 REPLICATE',
    '7001 FORGET',
  ]);
});
