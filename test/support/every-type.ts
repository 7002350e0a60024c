/** Commands that make a key of every type and encoding, in every slot that `tags` name. */

/** What to send for one hash tag. */
export function everyType(tag: string): string[][] {
  const key = (name: string) => `{${tag}}:${name}`;
  const words = (count: number, prefix = 'member') =>
    Array.from({ length: count }, (_, i) => `${prefix}${i}`);
  const pairs = (count: number) => words(count).flatMap((word, i) => [word, `value ${i}`]);
  const scores = (count: number) => words(count).flatMap((word, i) => [`${i * 1.5}`, word]);
  return [
    ['SET', key('integer'), '12345'],
    ['SET', key('short'), 'short'],
    ['SET', key('long'), 'x'.repeat(20_000)],
    ['SET', key('binary'), '\u0000\r\n\u0007'],
    ['SET', key('expiring'), 'soon', 'PX', '3600000'],
    ['SETBIT', key('bits'), '1000', '1'],
    ['PFADD', key('loglog'), ...words(100)],
    ['RPUSH', key('list'), ...words(5)],
    ['RPUSH', key('long list'), ...words(2000, 'an element that takes some room ')],
    ['SADD', key('integers'), ...words(100, '')],
    ['SADD', key('set'), ...words(50)],
    ['SADD', key('large set'), ...words(1000)],
    ['HSET', key('hash'), ...pairs(20)],
    ['HSET', key('large hash'), ...pairs(1000)],
    ['ZADD', key('sorted set'), ...scores(20)],
    ['ZADD', key('large sorted set'), ...scores(1000)],
    ['GEOADD', key('places'), '13.361389', '38.115556', 'Palermo', '15.087269', '37.502669', 'Catania'],
    ...Array.from({ length: 150 }, (_, i) => ['XADD', key('stream'), `${i + 1}-1`, 'field', `${i}`]),
    ['XGROUP', 'CREATE', key('stream'), 'group', '0'],
    ['XREADGROUP', 'GROUP', 'group', 'consumer', 'COUNT', '10', 'STREAMS', key('stream'), '>'],
    ['XACK', key('stream'), 'group', '1-1', '2-1'],
    ['EXPIRE', key('large hash'), '7200'],
  ];
}
