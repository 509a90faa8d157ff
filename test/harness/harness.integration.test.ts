import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import { sharedKafka, startKafka } from './kafka';
import { sharedKubernetes } from './kubernetes';
import { freshDatabase, startPostgres } from './postgres';

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

describe('PostgreSQL', () => {
  const tables = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`;

  it('gives each suite a migrated database that no other sees', async () => {
    const [one, two] = await Promise.all([freshDatabase(), freshDatabase()]);
    await query(one.url, 'CREATE TABLE only_here (id int)');
    expect(await query(one.url, tables)).toContainEqual({ table_name: 'only_here' });
    expect(await query(two.url, tables)).not.toContainEqual({ table_name: 'only_here' });
    expect(await query(two.url, tables)).toContainEqual({ table_name: 'clusters' });
    await one.drop();
    await expect(query(one.url, 'SELECT 1')).rejects.toThrow(/does not exist/);
    await two.drop();
  });

  it('keeps what was committed over kill -9 and a stop, under the same URL', async () => {
    const server = await startPostgres();
    await query(server.url, 'CREATE TABLE kept (id int)');
    await query(server.url, 'INSERT INTO kept VALUES (1)');
    await server.kill();
    await expect(query(server.url, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
    await server.restart();
    expect(await query(server.url, 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
    await server.restart();
    expect(await query(server.url, 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
    await server.stop();
  });
});

describe('Kafka', () => {
  it('is shared by all suites of a run that do not stop it', async () => {
    const [one, two] = await Promise.all([sharedKafka(), sharedKafka()]);
    expect(one).toEqual(two);
    const admin = new Kafka({ ...one, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    expect((await admin.describeCluster()).brokers).toHaveLength(1);
    await admin.disconnect();
  });

  it('gives back what it acknowledged, after kill -9 too', async () => {
    const broker = await startKafka();
    const kafka = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING, retry: { retries: 30 } });
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 1 }], waitForLeaders: true });
    await admin.disconnect();
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic: 'kept', acks: -1, messages: [{ key: 'k', value: 'before' }] });
    await broker.kill();
    await broker.start();
    await producer.send({ topic: 'kept', acks: -1, messages: [{ key: 'k', value: 'after' }] });
    await producer.disconnect();

    const consumer = kafka.consumer({ groupId: randomUUID() });
    await consumer.connect();
    await consumer.subscribe({ topic: 'kept', fromBeginning: true });
    const seen: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const eachMessage = ({ message }: { message: { value: Buffer | null } }) => {
        seen.push(message.value?.toString() ?? '');
        if (seen.length === 2) resolve();
        return Promise.resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
    expect(seen).toEqual(['before', 'after']);
    await consumer.disconnect();
    await broker.stop();
  });
});

describe('Kubernetes', () => {
  it('is three real API servers, each with objects and credentials of its own', async () => {
    const { clusters } = await sharedKubernetes();
    const [first, second, third] = clusters;
    if (first === undefined || second === undefined || third === undefined)
      throw new Error('fewer than three clusters');
    for (const cluster of clusters) {
      expect((await cluster.kubectl('version', '-o', 'json')).stdout).toContain('"gitVersion": "v1.36.3"');
    }
    const name = `only-in-the-first-${randomUUID()}`;
    const manifest = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"},"data":{"a":"b"}}`;
    expect(await first.kubectlWithInput(manifest, 'apply', '-f', '-')).toMatchObject({ code: 0 });
    expect((await first.kubectl('get', 'configmap', name, '-o', 'jsonpath={.data.a}')).stdout).toBe('b');
    expect((await second.kubectl('get', 'configmap', name)).stderr).toContain('NotFound');
    expect((await third.kubectl('get', 'configmap', name)).stderr).toContain('NotFound');
    const stranger = await second.kubectl('--token', first.adminToken, 'get', 'namespaces');
    expect(stranger).toMatchObject({ code: 1 });
    await first.kubectl('delete', 'configmap', name);
  });
});
