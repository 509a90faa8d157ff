/** The part of GitHub's API that gives tokens to Apps, on 127.0.0.1: it knows one App, and checks how it proves itself. */
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jwtVerify } from 'jose';

export interface GitHubAppApi {
  /** As of GitHub Enterprise Server: `http://127.0.0.1:<port>/api/v3`. */
  url: string;
  app: { appId: string; installationId: string; privateKey: string };
  /** Tokens given out so far; the last is the one that opens repositories. */
  issued: string[];
  /** What each token was asked for. */
  asked: unknown[];
  /** How long tokens live, in seconds: 3,600 unless told. */
  lifeSeconds: number;
  /** Answers with this in the place of a token. */
  refuseWith: { status: number; body: unknown } | undefined;
  close(): Promise<void>;
}

export async function startGitHubAppApi(): Promise<GitHubAppApi> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const app = { appId: '4711', installationId: '1234567', privateKey: pem };
  const server = createServer((request, response) => void handle(request, response));

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const answer = (status: number, body: unknown): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const assertion = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const options = { algorithms: ['RS256'], issuer: app.appId, maxTokenAge: '10m' };
    const isProved = await jwtVerify(assertion, publicKey, options).then(
      ({ payload }) => payload.exp! - payload.iat! <= 600,
      () => false,
    );
    if (api.refuseWith !== undefined) return answer(api.refuseWith.status, api.refuseWith.body);
    if (!isProved) return answer(401, { message: 'A JSON web token could not be decoded' });
    const path = `/api/v3/app/installations/${app.installationId}/access_tokens`;
    if (request.method !== 'POST' || request.url !== path) return answer(404, { message: 'Not Found' });
    const token = `ghs_${'x'.repeat(32)}${api.issued.length}`;
    api.issued.push(token);
    api.asked.push(JSON.parse(text));
    const expires = new Date(Date.now() + api.lifeSeconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
    answer(201, { token, expires_at: expires, permissions: { contents: 'read' }, repository_selection: 'selected' });
  };

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const api: GitHubAppApi = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v3`,
    app,
    issued: [],
    asked: [],
    lifeSeconds: 3600,
    refuseWith: undefined,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return api;
}
