import { Injectable } from '@nestjs/common';
import { decodeJwt, decodeProtectedHeader, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { publicKeyFrom } from '#libs/protocol/keys';
import { Problem } from '#src/hub/http/problem';
import { HubKeys } from '#src/hub/security/hub-keys';
import { AgentKeys } from './agent-keys.service';
import { type AgentCluster, AgentsRepository } from './agents.repository';

const tokenSeconds = 600;
const maxAssertionSeconds = 120;
/** Clocks of clusters are allowed to be off by this much. */
const clockToleranceSeconds = 60;
const audience = 'flotilla-agents';

/** Trades an assertion that the agent's key signed for a token of ten minutes, and checks such tokens. */
@Injectable()
export class AgentTokens {
  constructor(
    private readonly repository: AgentsRepository,
    private readonly keys: HubKeys,
    private readonly agentKeys: AgentKeys,
  ) {}

  async issue(assertion: string): Promise<{ token: string; expiresInSeconds: number }> {
    const { cluster, keyId } = await this.clusterOf(assertion);
    const isNext = cluster.next_agent_key_id === keyId;
    const publicKey = isNext ? cluster.next_agent_key! : cluster.agent_key!;
    try {
      const { payload } = await jwtVerify(assertion, publicKeyFrom(publicKey), {
        algorithms: ['EdDSA'],
        audience: this.keys.hubId,
        subject: cluster.id,
        issuer: cluster.id,
        clockTolerance: clockToleranceSeconds,
        requiredClaims: ['exp', 'iat', 'jti'],
      });
      if (payload.exp! - payload.iat! > maxAssertionSeconds) throw new Error('it is to last too long');
    } catch (error) {
      throw new Problem('unauthenticated', `the assertion does not hold: ${(error as Error).message}`);
    }
    if (isNext) await this.agentKeys.promote(cluster, keyId);
    const key = this.keys.tokenKey();
    const token = await new SignJWT({ kid: keyId })
      .setProtectedHeader({ alg: 'HS256', kid: key.keyId })
      .setSubject(cluster.id)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(`${tokenSeconds}s`)
      .sign(key.secret);
    return { token, expiresInSeconds: tokenSeconds };
  }

  /** The cluster that a token speaks for; it is looked up each time, so that a revocation holds at once. */
  async authenticate(token: string): Promise<AgentCluster> {
    const { clusterId, keyId } = await this.verify(token);
    const cluster = await this.repository.find(clusterId);
    return await this.usable(cluster, keyId);
  }

  /**
   * Throws where an agent that was let in is not to be answered any more: revoked, gone, or replaced meanwhile. One that
   * has only another key of its own since is the same agent.
   */
  async stillGood({ id, agent_key_id: keyId }: AgentCluster): Promise<void> {
    const now = await this.repository.find(id);
    if (now?.lifecycle !== 'revoked' && now?.previous_agent_key_id === keyId) return;
    await this.usable(now, keyId ?? '');
  }

  private async verify(token: string): Promise<{ clusterId: string; keyId: string }> {
    const payload = await this.payloadOf(token);
    if (payload !== undefined) return { clusterId: payload.sub!, keyId: String(payload.kid) };
    throw new Problem('unauthenticated', 'the agent token is not valid any more; ask for a new one at /agent/v1/token');
  }

  /** Undefined where no key that is good now has signed it. */
  private async payloadOf(token: string): Promise<JWTPayload | undefined> {
    let candidates: Buffer[];
    try {
      candidates = this.keys.tokenKeys(decodeProtectedHeader(token).kid);
    } catch {
      return undefined;
    }
    for (const key of candidates) {
      const verified = await jwtVerify(token, key, { algorithms: ['HS256'], audience }).catch(() => undefined);
      if (verified !== undefined) return verified.payload;
    }
    return undefined;
  }

  private async clusterOf(assertion: string): Promise<{ cluster: AgentCluster; keyId: string }> {
    let clusterId: string | undefined;
    let keyId: string | undefined;
    try {
      clusterId = decodeJwt(assertion).sub;
      keyId = decodeProtectedHeader(assertion).kid;
    } catch {
      throw new Problem('unauthenticated', 'the assertion is not a JWT');
    }
    if (!/^[0-9a-f-]{36}$/.test(clusterId ?? '') || keyId === undefined) {
      throw new Problem('unauthenticated', 'the assertion names no cluster (`sub`) or no key (`kid`)');
    }
    return { cluster: await this.usable(await this.repository.find(clusterId!), keyId), keyId };
  }

  private async usable(cluster: AgentCluster | undefined, keyId: string): Promise<AgentCluster> {
    if (cluster === undefined) {
      if (await this.repository.isFormerKey(keyId)) throw new Problem('gone', 'this cluster was deregistered');
      throw new Problem('unauthenticated', 'the hub does not know this cluster');
    }
    if (cluster.lifecycle === 'revoked')
      throw new Problem('revoked', `the agent of cluster ${cluster.name} was revoked`);
    if (cluster.previous_agent_key_id === keyId) {
      throw new Problem(
        'unauthenticated',
        `the agent of cluster ${cluster.name} has a newer key since, in its Secret; this one is no longer good`,
      );
    }
    if (cluster.agent_key_id !== keyId && cluster.next_agent_key_id !== keyId) {
      throw new Problem(
        'revoked',
        `cluster ${cluster.name} has joined with another key since; this one is no longer good`,
      );
    }
    return cluster;
  }
}
