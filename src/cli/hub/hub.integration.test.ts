import { randomBytes } from 'node:crypto';
import { startTestHub } from '#test/harness/hub';
import { freshDatabase } from '#test/harness/postgres';
import { runCli } from '../run';
import { memoryIo } from '../testing/memory-io';

const environment = (url: string) => ({
  FLOTILLA_DATABASE_URL: url,
  FLOTILLA_DATA_FOLDER: '/nowhere',
  FLOTILLA_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
});

async function run(command: string, env: Record<string, string>) {
  const io = memoryIo({ env, fetch: (request) => fetch(request) });
  return { code: await runCli(command.split(' '), io), ...io.taken() };
}

it('makes the first token straight in the database, and a hub takes it', async () => {
  const database = await freshDatabase();
  try {
    const env = environment(database.url);
    expect(await run('hub migrate', env)).toMatchObject({ code: 0, err: '' });
    const made = await run('hub token create --name alice --role admin --expires 30d', env);
    expect(made).toMatchObject({ code: 0, err: '' });
    const hub = await startTestHub({ database: { url: database.url } });
    try {
      const caller = { FLOTILLA_URL: hub.url, FLOTILLA_TOKEN: made.out.trim(), FLOTILLA_HOME: '/nowhere' };
      expect((await run('context show', caller)).out).toMatch(/Token: +alice\nRole: +admin/);
      expect((await run('audit --action token.create', caller)).out).toMatch(/local:\S+ +token\.create +Token\/alice/);
    } finally {
      await hub.stop();
    }
  } finally {
    await database.drop();
  }
});

it('says what is wrong with the configuration, and with the database', async () => {
  const unset = await run('hub migrate', {});
  expect(unset.code).toBe(2);
  expect(unset.err).toMatch(/FLOTILLA_DATABASE_URL/);
  const refused = await run('hub token create --name a --role viewer', environment('postgres://127.0.0.1:1/x'));
  expect(refused.code).toBe(1);
  expect(refused.err).toMatch(/^error: the database refused: .*ECONNREFUSED.*\nhint: /);
});
