import type { Database, Statement } from './database';
import { EmbeddedProducer } from './producer';
import type { Wakes } from './wake';

/** A database that takes everything; each transaction takes a turn of the event loop. */
function recording() {
  const transactions: { topic: string; keys: string[] }[] = [];
  const run = (async (sql: string, values: unknown[] = []) => {
    if (sql.startsWith('SELECT')) return { rowCount: (values[1] as unknown[]).length };
    transactions.push({ topic: String(values[0]), keys: values[2] as string[] });
    return { rowCount: 0 };
  }) as unknown as Statement;
  const database = {
    rows: async () => [{ name: 'any', partitions: 4 }],
    transaction: async (work: (run: Statement) => Promise<void>) => {
      await new Promise((resolve) => setImmediate(resolve));
      await work(run);
    },
  } as unknown as Database;
  const wakes = { notify: () => undefined } as unknown as Wakes;
  return { transactions, producer: new EmbeddedProducer(database, wakes, 10_000) };
}

const message = (key: string) => ({ key, value: Buffer.from(key) });

test('sends to two topics in turn share one transaction for each topic, in their order', async () => {
  const { producer, transactions } = recording();
  const first = producer.send('heartbeats', [message('first')]);
  const others = [1, 2, 3, 4].flatMap((count) => [
    producer.send('reports', [message(`r${count}`)]),
    producer.send('heartbeats', [message(`h${count}`)]),
  ]);
  await Promise.all([first, ...others]);
  expect(transactions.map(({ topic }) => topic)).toEqual(['heartbeats', 'reports', 'heartbeats']);
  expect(transactions.slice(1).map(({ keys }) => keys)).toEqual([
    ['r1', 'r2', 'r3', 'r4'],
    ['h1', 'h2', 'h3', 'h4'],
  ]);
});

test('a transaction has a limit, beyond which order is kept; a single large send is not divided', async () => {
  const { producer, transactions } = recording();
  const sizes = [1, 600, 600, 5, 2_000, 3];
  await Promise.all(
    sizes.map((size, index) =>
      producer.send(
        'reports',
        Array.from({ length: size }, () => message(String(index))),
      ),
    ),
  );
  const runs = transactions.map(({ keys }) => [...new Set(keys)]);
  expect(runs).toEqual([['0'], ['1'], ['2', '3'], ['4'], ['5']]);
});
