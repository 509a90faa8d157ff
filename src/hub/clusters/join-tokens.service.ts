import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { encodeJoinToken } from '#libs/protocol/join';
import { Audit } from '#src/hub/audit/audit';
import { HUB_CONFIG } from '#src/hub/config/config.module';
import type { HubConfig } from '#src/hub/config/schema';
import { PublicUrl } from '#src/hub/http/public-url';
import { HubKeys } from '#src/hub/security/hub-keys';
import type { ClusterJoin } from './clusters.schema';
import { JoinTokensRepository } from './join-tokens.repository';

/** Join tokens: shown once, short-lived, stored as a hash. */
@Injectable()
export class JoinTokens {
  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    private readonly repository: JoinTokensRepository,
    private readonly keys: HubKeys,
    private readonly publicUrl: PublicUrl,
    private readonly audit: Audit,
  ) {}

  /** Earlier tokens of the cluster are void from now on. */
  async issue(clusterId: string): Promise<ClusterJoin> {
    const secret = newSecret();
    const expiresAt = await this.repository.replace({
      clusterId,
      hash: hashOf(secret),
      createdBy: this.audit.actor(),
      minutes: this.config.agents.joinTokenMinutes,
    });
    return this.joinOf(clusterId, secret, expiresAt);
  }

  /** As `issue`, by cluster id. */
  async issueAll(clusterIds: readonly string[]): Promise<Map<string, ClusterJoin>> {
    if (clusterIds.length === 0) return new Map();
    const secrets = clusterIds.map(newSecret);
    const expiresAt = await this.repository.replaceAll({
      clusterIds,
      hashes: secrets.map(hashOf),
      createdBy: this.audit.actor(),
      minutes: this.config.agents.joinTokenMinutes,
    });
    return new Map(clusterIds.map((id, index) => [id, this.joinOf(id, secrets[index]!, expiresAt)]));
  }

  async revoke(clusterId: string): Promise<void> {
    await this.repository.revoke(clusterId);
  }

  private joinOf(clusterId: string, secret: string, expiresAt: Date): ClusterJoin {
    const joinToken = encodeJoinToken({ cluster: clusterId, secret, rootKey: this.keys.rootKeyDigest });
    return {
      joinToken,
      joinCommand: `flotilla agent run --hub ${this.publicUrl.get()} --join-token ${joinToken}`,
      expiresAt: expiresAt.toISOString(),
    };
  }
}

function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
