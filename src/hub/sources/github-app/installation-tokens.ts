import { createHash, createPrivateKey } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import { request } from 'undici';
import type { GitHubAppCredentials } from '#libs/sources/credentials';
import { appClaims, githubApi, type InstallationToken, readTokenAnswer, tokenRequest } from '#libs/sources/github-app';
import { Outgoing } from '#src/net/outgoing';
import { networkFailure } from '../git/failure';
import type { FetchFailure } from '../git/port';
import { answerFailure, appFailure } from './failure';

export interface TokenOptions {
  timeoutMs: number;
  /** PEM, trusted beside the public authorities. */
  caCertificate?: string;
}

export type TokenOutcome = { kind: 'issued'; token: string } | FetchFailure;

const maxTokens = 1_000;
const maxAnswerBytes = 1024 * 1024;
const connectTimeoutMs = 15_000;

/** Tokens of installations of GitHub Apps, each kept until shortly before it expires. Sources of one App share it. */
@Injectable()
export class InstallationTokens {
  private readonly kept = new LRUCache<string, InstallationToken>({ max: maxTokens });
  private readonly underWay = new Map<string, Promise<InstallationToken | FetchFailure>>();

  constructor(private readonly outgoing: Outgoing) {}

  /** Never throws for what the API does; no failure holds a secret. */
  async tokenFor(app: GitHubAppCredentials, options: TokenOptions): Promise<TokenOutcome> {
    const key = keyOf(app);
    const known = this.kept.get(key);
    if (known !== undefined && known.renewAt > new Date()) return { kind: 'issued', token: known.token };
    const asked = this.underWay.get(key) ?? this.ask(key, app, options);
    const outcome = await asked;
    return 'kind' in outcome ? outcome : { kind: 'issued', token: outcome.token };
  }

  /** After it was refused. */
  forget(app: GitHubAppCredentials): void {
    this.kept.delete(keyOf(app));
  }

  /** Many sources that are due at once ask once. */
  private ask(key: string, app: GitHubAppCredentials, options: TokenOptions) {
    const asked = this.issue(app, options)
      .then((outcome) => {
        if (!('kind' in outcome)) this.kept.set(key, outcome);
        return outcome;
      })
      .finally(() => this.underWay.delete(key));
    this.underWay.set(key, asked);
    return asked;
  }

  private async issue(app: GitHubAppCredentials, options: TokenOptions): Promise<InstallationToken | FetchFailure> {
    const { timeoutMs, caCertificate: ca } = options;
    const base = new URL(app.apiUrl ?? githubApi);
    const url = `${base.origin}${base.pathname.replace(/\/+$/, '')}/app/installations/${app.installationId}/access_tokens`;
    const assertion = await assertionOf(app);
    if (assertion === undefined) {
      const remedy = 'declare the source again with the key that the settings of the App let you download';
      return appFailure('unauthorized', 'the private key of the GitHub App cannot be used', remedy);
    }
    const timeouts = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs };
    const connectTimeout = Math.min(timeoutMs, connectTimeoutMs);
    const dispatcher = this.outgoing.dispatcherTo(base.origin, { ...timeouts, connectTimeoutMs: connectTimeout, ca });
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await request(url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${assertion}`,
          accept: 'application/vnd.github+json',
          'content-type': 'application/json',
          'user-agent': 'flotilla',
          'x-github-api-version': '2022-11-28',
        },
        body: JSON.stringify(tokenRequest),
        dispatcher,
        signal,
      });
      const text = await limited(answer.body as AsyncIterable<Uint8Array>);
      if (answer.statusCode !== 201) return answerFailure(answer.statusCode, base.host, app.installationId, text);
      const token = readTokenAnswer(jsonOf(text), new Date());
      if (token !== undefined) return token;
      return appFailure('invalid', `${base.host} does not answer as GitHub's API`, 'correct apiUrl of the credentials');
    } catch (error) {
      const { failureClass, message, remedy } = networkFailure(
        signal.aborted ? signal.reason : error,
        base.host,
        timeoutMs,
      );
      return appFailure(failureClass, message, remedy);
    } finally {
      await dispatcher.destroy();
    }
  }
}

/** By all that decides what it may open, hashed, so that the key itself is kept nowhere. */
function keyOf({ apiUrl, appId, installationId, privateKey }: GitHubAppCredentials): string {
  return createHash('sha256')
    .update(JSON.stringify([apiUrl ?? githubApi, appId, installationId, privateKey]))
    .digest('hex');
}

async function assertionOf({ appId, privateKey }: GitHubAppCredentials): Promise<string | undefined> {
  try {
    // GitHub gives PKCS#1, which `jose` alone does not read.
    const key = createPrivateKey(privateKey);
    return await new SignJWT(appClaims(appId, new Date())).setProtectedHeader({ alg: 'RS256', typ: 'JWT' }).sign(key);
  } catch {
    return undefined;
  }
}

async function limited(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > maxAnswerBytes) return '';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
