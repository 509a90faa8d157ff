import { Inject, Injectable } from '@nestjs/common';
import type { Root } from '#libs/protocol/root';
import { type Signed, signValue } from '#libs/protocol/signed';
import { HUB_CONFIG } from '#src/hub/config/config.module';
import type { HubConfig } from '#src/hub/config/schema';
import { HubKeys } from '#src/hub/security/hub-keys';
import { crashPoint } from '#src/hub/stages/crash-point';
import { type RootRow, RootsRepository } from './roots.repository';

export interface ServedRoot extends RootRow {
  signed: Signed;
  expires_at: Date;
}

/** Roots as agents are given them: signed when first asked for, and anew before they expire. */
@Injectable()
export class Roots {
  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    private readonly repository: RootsRepository,
    private readonly keys: HubKeys,
  ) {}

  /** Undefined until something was ever assigned to the cluster. */
  async current(clusterId: string): Promise<RootRow | undefined> {
    return await this.repository.find(clusterId);
  }

  /** Its signature has less than half of its time to live left, or its key is going: the agent is given a fresh one. */
  isAging(root: RootRow, now = new Date()): boolean {
    if (root.signed === null || this.keys.isGoing(root.signed.keyId)) return true;
    return root.expires_at === null || root.expires_at.getTime() - now.getTime() < this.ttlMs() / 2;
  }

  /** @returns the root with a signature that is good for at least half of its time to live */
  async signed(clusterId: string, root: RootRow, now = new Date()): Promise<ServedRoot> {
    if (root.signed !== null && root.expires_at !== null && !this.isAging(root, now)) {
      return { ...root, signed: root.signed, expires_at: root.expires_at };
    }
    const expiresAt = new Date(now.getTime() + this.ttlMs());
    const value: Root = {
      format: 1,
      hub: this.keys.hubId,
      audience: clusterId,
      epoch: root.epoch,
      generation: root.generation,
      issuedAt: now.toISOString(),
      expiresAt: expiresAt.toISOString(),
      scopes: root.scopes,
    };
    const signed = signValue('flotilla.dev/root/v1', value, this.keys.signingKey());
    await this.repository.storeSignature(clusterId, root, signed, expiresAt);
    crashPoint('root.signed');
    return { ...root, signed, expires_at: expiresAt };
  }

  private ttlMs(): number {
    return this.config.agents.rootTtlHours * 3_600_000;
  }

  async traces(clusterId: string, applicationIds: readonly string[]): Promise<Record<string, string>> {
    return await this.repository.traces(clusterId, applicationIds);
  }
}
