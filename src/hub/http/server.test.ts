import 'reflect-metadata';
import { createHmac } from 'node:crypto';
import { Body, Controller, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { BodyLimit, RawBody } from './body.decorators';
import { requestContext } from './context';
import { createLogger } from './logging';
import { createAdapter } from './server';

@Controller()
class Echo {
  @Post('raw')
  @RawBody(1_000)
  raw(@Body() body: Buffer): { isBuffer: boolean; hmac: string } {
    return { isBuffer: Buffer.isBuffer(body), hmac: createHmac('sha256', 'key').update(body).digest('hex') };
  }

  @Post('large')
  @BodyLimit(3 * 1024 * 1024)
  large(@Body() body: { text: string }): { length: number } {
    return { length: body.text.length };
  }

  @Post('context')
  context(@Body() _body: unknown): { requestId?: string } {
    return { requestId: requestContext.current()?.requestId };
  }
}

@Module({ controllers: [Echo] })
class EchoModule {}

describe('the server of the hub', () => {
  let app: NestFastifyApplication;
  beforeAll(async () => {
    const adapter = createAdapter(createLogger('fatal'));
    app = await NestFactory.create<NestFastifyApplication>(EchoModule, adapter, { bodyParser: false, logger: false });
    await app.init();
  });
  afterAll(() => app.close());

  const post = (url: string, type: string, payload: string, headers = {}) =>
    app.inject({ method: 'POST', url, payload, headers: { 'content-type': type, ...headers } });

  it.each(['application/json', 'application/x-www-form-urlencoded', 'text/plain'])(
    'gives the bytes of %s to a route that takes them raw',
    async (type) => {
      const payload = '{ not "json"';
      const answer = await post('/raw', type, payload);
      expect(answer.json()).toEqual({
        isBuffer: true,
        hmac: createHmac('sha256', 'key').update(payload).digest('hex'),
      });
    },
  );

  it('limits bodies by route', async () => {
    expect((await post('/raw', 'text/plain', 'x'.repeat(1_001))).statusCode).toBe(413);
    const text = 'x'.repeat(2 * 1024 * 1024);
    expect((await post('/large', 'application/json', JSON.stringify({ text }))).json()).toEqual({
      length: text.length,
    });
    expect((await post('/context', 'application/json', JSON.stringify({ text }))).statusCode).toBe(413);
  });

  it('carries the request through the parsing of its body', async () => {
    const answer = await post('/context', 'application/json', '{}', { 'x-request-id': 'r-7' });
    expect(answer.json()).toEqual({ requestId: 'r-7' });
    expect(answer.headers['x-request-id']).toBe('r-7');
    expect(answer.headers['cache-control']).toBe('no-store');
  });
});
