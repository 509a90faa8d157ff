import { type KeyObject, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { keyIdOf, publicKeyText } from '#libs/protocol/keys';
import type { AgentRuntime } from '../runtime';
import type { HubCredentials } from './port';

const assertionSeconds = 60;
/** Renewed when this much of its life is left, so that a poll under way does not end in a 401. */
const renewedAtPart = 0.2;

export interface IssuedToken {
  token: string;
  expiresInSeconds: number;
}

/** The bearer token: got by a signed assertion, kept, renewed before it expires and when the hub no longer takes it. */
export class TokenKeeper {
  private current: { token: string; renewAtMs: number; key: KeyObject } | undefined;
  private pending: Promise<string> | undefined;

  constructor(
    private readonly credentials: HubCredentials,
    private readonly runtime: AgentRuntime,
    private readonly exchange: (assertion: string) => Promise<IssuedToken>,
  ) {}

  async token(): Promise<string> {
    const { current, credentials } = this;
    const isOurs = current?.key === credentials.privateKey;
    if (current !== undefined && isOurs && this.runtime.monotonicMs() < current.renewAtMs) return current.token;
    this.pending ??= this.renew().finally(() => (this.pending = undefined));
    return this.pending;
  }

  /** The hub refused this one; a newer one, got meanwhile, stays. */
  refused(token: string): void {
    if (this.current?.token === token) this.current = undefined;
  }

  private async renew(): Promise<string> {
    const startedMs = this.runtime.monotonicMs();
    const key = this.credentials.privateKey;
    const { token, expiresInSeconds } = await this.exchange(await this.assertion());
    this.current = { token, key, renewAtMs: startedMs + expiresInSeconds * 1_000 * (1 - renewedAtPart) };
    return token;
  }

  private assertion(): Promise<string> {
    const { cluster, hub, privateKey } = this.credentials;
    const nowSeconds = Math.floor(this.runtime.now().getTime() / 1_000);
    return new SignJWT({})
      .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT', kid: keyIdOf(publicKeyText(privateKey)) })
      .setIssuer(cluster)
      .setSubject(cluster)
      .setAudience(hub)
      .setJti(randomUUID())
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + assertionSeconds)
      .sign(privateKey);
  }
}
