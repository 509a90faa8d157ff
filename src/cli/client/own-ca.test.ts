import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { newAuthority } from '#test/harness/kubernetes/certificates';
import type { CliError } from '../errors';
import { memoryIo } from '../testing/memory-io';
import { answered } from './answers';
import { openHub } from './hub';

describe('a hub with a certificate of one’s own authority', () => {
  const authority = newAuthority('own-ca');
  const received: { method: string | undefined; authorization: string | undefined; body: string }[] = [];
  let server: Server;
  let url: string;
  beforeAll(async () => {
    const { certificatePem: cert, privateKeyPem: key } = authority.issue({ commonName: 'hub' }, 'server', [
      '127.0.0.1',
    ]);
    server = createServer({ cert, key }, (request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        received.push({ method: request.method, authorization: request.headers.authorization, body });
        response.setHeader('content-type', 'application/json').end('{"kind":"Cluster"}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const io = () => memoryIo({ fetch: (request) => fetch(request) });
  const cordon = async (ca?: string) =>
    await answered(
      openHub({ url, token: 'flt_1', ca }, io()).api.PATCH('/api/v1/clusters/{name}', {
        params: { path: { name: 'a' } },
        body: { spec: { cordoned: true } },
      }),
    );

  it('is trusted when the authority is given', async () => {
    expect(await cordon(authority.certificatePem)).toEqual({ kind: 'Cluster' });
    expect(received).toEqual([{ method: 'PATCH', authorization: 'Bearer flt_1', body: '{"spec":{"cordoned":true}}' }]);
  });

  it('is refused otherwise, before anything is sent', async () => {
    received.length = 0;
    const error = (await cordon().catch((reason: unknown) => reason)) as CliError;
    expect(error.exitCode).toBe(5);
    expect(error.text()).toMatch(/its certificate is not trusted\nhint: .*--ca FILE/);
    await expect(cordon(newAuthority('other').certificatePem)).rejects.toThrow(/its certificate is not trusted/);
    await expect(cordon('nonsense')).rejects.toThrow(/no PEM/);
    expect(received).toEqual([]);
  });
});
