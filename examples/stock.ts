/**
 * Ten customers want one of seven things at once. Each sale reads the stock and lowers it, and runs again when another
 * was faster. Prints `7 sold, 0 left`.
 */
import { connect } from 'hexis';

const client = await connect('localhost:7002');
await client.set('stock', 7);

async function buy(): Promise<boolean> {
  return client.watch('stock', async (session) => {
    const stock = Number(await session.get('stock'));
    if (stock === 0) return false;
    await session.multi((t) => [t.decr('stock')]);
    return true;
  });
}

const sales = await Promise.all(Array.from({ length: 10 }, buy));
console.log(`${sales.filter(Boolean).length} sold, ${await client.get('stock')} left`);

await client.del('stock');
await client.close();
