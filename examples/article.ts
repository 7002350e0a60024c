/**
 * The article's Go program, line by line: the first steps of go-redis's cluster client, given one node of the
 * cluster. Prints `key value` and `key2 does not exists`.
 *
 *     npx hexis up                                            # a cluster on ports 7000 to 7005, in another terminal
 *     npx esbuild examples/article.ts --format=esm | node --input-type=module
 */
import { createCluster } from 'hexis';

const client = createCluster('localhost:7002');

await client.set('key', 'value');

const val = await client.get('key');
console.log('key', val);

const val2 = await client.get('key2');
if (val2 === null) {
  console.log('key2 does not exists');
} else {
  console.log('key2', val2);
}

await client.close();
