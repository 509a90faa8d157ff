import type { LogMessage } from '#src/log/port';
import { InvalidMessage } from '#src/log/port';
import { CoalescingProducer } from './shared-producer';

const message = (key: string): LogMessage => ({ key, value: Buffer.from(key) });

function recording(fails = false) {
  const sends: { topic: string; keys: string[] }[] = [];
  const producer = new CoalescingProducer({
    send: async (topic, messages) => {
      sends.push({ topic, keys: messages.map(({ key }) => key) });
      if (fails) throw new Error('away');
    },
    close: async () => undefined,
  });
  return { sends, producer };
}

test('what many send at the same time is one send for each topic, in order', async () => {
  const { sends, producer } = recording();
  await Promise.all([
    producer.send('a', [message('1')]),
    producer.send('a', [message('2'), message('3')]),
    producer.send('b', [message('4')]),
  ]);
  expect(sends).toEqual([
    { topic: 'a', keys: ['1', '2', '3'] },
    { topic: 'b', keys: ['4'] },
  ]);
});

test('no send has more messages than the log takes', async () => {
  const { sends, producer } = recording();
  const many = Array.from({ length: 6_000 }, () => message('x'));
  await Promise.all([producer.send('a', many), producer.send('a', many)]);
  expect(sends.map(({ keys }) => keys.length)).toEqual([6_000, 6_000]);
});

test('everybody hears that a send has failed; what can never be sent fails alone', async () => {
  const failing = recording(true);
  const both = await Promise.allSettled([
    failing.producer.send('a', [message('1')]),
    failing.producer.send('a', [message('2')]),
  ]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const { producer, sends } = recording();
  const good = producer.send('a', [message('1')]);
  await expect(producer.send('a', [{ key: '\0', value: Buffer.alloc(0) }])).rejects.toThrow(InvalidMessage);
  await good;
  expect(sends).toEqual([{ topic: 'a', keys: ['1'] }]);
});

test('what waits goes out before it is closed', async () => {
  const { sends, producer } = recording();
  const sent = producer.send('a', [message('1')]);
  await producer.close();
  await sent;
  expect(sends).toHaveLength(1);
});
