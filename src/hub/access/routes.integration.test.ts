import { PATH_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHub } from '#src/hub/app';
import { hubConfigSchema } from '#src/hub/config/schema';
import { createLogger } from '#src/hub/http/logging';
import { type FreshDatabase, freshDatabase } from '#test/harness/postgres';
import { permissionKey, publicKey } from './permission.decorator';
import { permissions } from './permissions';

interface Handler {
  name: string;
  permission?: string;
  publicReason?: string;
}

/** Every handler of every controller, by its decorators. */
function handlersOf(app: NestFastifyApplication): Handler[] {
  const controllers = [...app.get(ModulesContainer).values()].flatMap((module) => [...module.controllers.values()]);
  return controllers.flatMap(({ metatype }) => {
    const { prototype, name } = metatype as { prototype: Record<string, unknown>; name: string };
    return Object.getOwnPropertyNames(prototype)
      .filter((key) => key !== 'constructor' && Reflect.hasMetadata(PATH_METADATA, prototype[key] as object))
      .map((key) => ({
        name: `${name}.${key}`,
        permission: Reflect.getMetadata(permissionKey, prototype[key] as object),
        publicReason: Reflect.getMetadata(publicKey, prototype[key] as object),
      }));
  });
}

describe('the routes of the hub', () => {
  let database: FreshDatabase;
  let app: NestFastifyApplication;
  const routes: string[] = [];

  beforeAll(async () => {
    database = await freshDatabase();
    const config = hubConfigSchema.parse({
      database: { url: database.url },
      dataFolder: '/nonexistent',
      encryption: { key: Buffer.alloc(32).toString('base64') },
    });
    app = await createHub(config, { logger: createLogger('fatal') });
    const server = app.getHttpAdapter().getInstance();
    server.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) if (each !== 'HEAD') routes.push(`${each} ${url}`);
    });
    await app.init();
  });

  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  it('each need a permission, or say why they are public', () => {
    const handlers = handlersOf(app);
    expect(handlers.length).toBeGreaterThan(15);
    const open = handlers.filter(
      ({ permission, publicReason }) => permission === undefined && publicReason === undefined,
    );
    expect(open).toEqual([]);
    const both = handlers.filter(
      ({ permission, publicReason }) => permission !== undefined && publicReason !== undefined,
    );
    expect(both).toEqual([]);
    for (const { permission, publicReason } of handlers) {
      if (permission !== undefined) expect(Object.keys(permissions)).toContain(permission);
      else expect(publicReason?.length).toBeGreaterThan(20);
    }
  });

  it('are all of controllers: none slips past the guard', () => {
    expect(routes).toHaveLength(handlersOf(app).length);
  });

  it('change nothing for the public but what has credentials of its own', () => {
    const changing = handlersOf(app).filter(({ publicReason }) => publicReason !== undefined);
    const known = /^(OpenApi|Operations)Controller\./;
    for (const { name, publicReason } of changing.filter((handler) => !known.test(handler.name))) {
      expect(`${name}: ${publicReason}`).toMatch(/credential|token|signature|HMAC/i);
    }
  });
});
