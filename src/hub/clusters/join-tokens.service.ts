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
    const secret = randomBytes(32).toString('base64url');
    const expiresAt = await this.repository.replace({
      clusterId,
      hash: createHash('sha256').update(secret).digest(),
      createdBy: this.audit.actor(),
      minutes: this.config.agents.joinTokenMinutes,
    });
    const joinToken = encodeJoinToken({ cluster: clusterId, secret, rootKey: this.keys.rootKeyDigest });
    return {
      joinToken,
      joinCommand: `flotilla agent run --hub ${this.publicUrl.get()} --join-token ${joinToken}`,
      expiresAt: expiresAt.toISOString(),
    };
  }

  async revoke(clusterId: string): Promise<void> {
    await this.repository.revoke(clusterId);
  }
}
