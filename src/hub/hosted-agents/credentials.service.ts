import { Injectable } from '@nestjs/common';
import { hostedKubeconfigText, type HostedKubeconfig, readHostedKubeconfig } from '#libs/kubeconfig/hosted';
import { hostedTokenLifeSeconds, isRenewalDue, serviceAccountTokenClaims } from '#libs/kubeconfig/token';
import { AgentError } from '#src/agent/errors';
import { Sealing } from '#src/hub/security/sealing';
import { openCluster, requestToken } from './cluster-connection';
import { type CredentialRow, CredentialsRepository } from './credentials.repository';
import type { Lease } from './leases.repository';

const purpose = 'hosted-kubeconfig';

export interface Credential {
  kubeconfig: HostedKubeconfig;
  version: number;
  isRenewalDue: boolean;
  isExpired: boolean;
  expiresAt: Date | undefined;
  /** An admin allows the agent to join with another key than the one that is known. */
  mayJoin: boolean;
  agentKeyId: string | undefined;
}

/** Credentials of hosted clusters: sealed at rest, opened only where they are used, renewed by themselves. */
@Injectable()
export class Credentials {
  constructor(
    private readonly repository: CredentialsRepository,
    private readonly sealing: Sealing,
  ) {}

  seal(clusterId: string, kubeconfig: string): Buffer {
    return this.sealing.seal(purpose, clusterId, kubeconfig);
  }

  /** Undefined where the cluster is no longer hosted. Throws AgentError where a person has to put something right. */
  async open(clusterId: string): Promise<Credential | undefined> {
    const row = await this.repository.find(clusterId);
    if (row === undefined) return undefined;
    const { version, expires_at: expiresAt, rotated_at: since, now } = row;
    return {
      kubeconfig: this.unsealed(clusterId, row),
      version,
      isRenewalDue: isRenewalDue(expiresAt === null ? undefined : { since, until: expiresAt }, now),
      isExpired: expiresAt !== null && expiresAt <= now,
      expiresAt: expiresAt ?? undefined,
      mayJoin: row.may_join,
      agentKeyId: row.agent_key_id ?? undefined,
    };
  }

  /**
   * Asks the cluster for a new token with the present one, tries it, and keeps it in the place of the present one, which
   * works until then and after: a crash between any two steps loses nothing. Undefined where somebody was faster.
   */
  async renew(lease: Lease, { kubeconfig, version }: Credential): Promise<HostedKubeconfig | undefined> {
    const token = await requestToken(kubeconfig, hostedTokenLifeSeconds);
    const claims = serviceAccountTokenClaims(token);
    if (claims === undefined) throw new AgentError('the cluster gave a token that is none of a service account');
    const renewed: HostedKubeconfig = { ...kubeconfig, token, claims };
    const attempt = openCluster(renewed);
    try {
      await attempt.serverVersion();
      await attempt.get({ group: '', version: 'v1', kind: 'Namespace', namespace: '', name: 'kube-system' });
    } finally {
      await attempt.close();
    }
    const sealed = this.seal(lease.clusterId, hostedKubeconfigText(renewed));
    const stored = await this.repository.replace(lease, version, sealed, claims.life);
    return stored === undefined ? undefined : renewed;
  }

  async joined(lease: Lease): Promise<void> {
    await this.repository.joined(lease);
  }

  async tell(lease: Lease, message: string | null): Promise<void> {
    await this.repository.tell(lease, message);
  }

  private unsealed(clusterId: string, { sealed }: CredentialRow): HostedKubeconfig {
    const read = readHostedKubeconfig(this.sealing.open(purpose, clusterId, sealed).toString('utf8'));
    if (read.ok) return read.value;
    const first = read.problems[0];
    throw new AgentError(`the kubeconfig of this cluster is no longer taken (${first?.field}): add it again`);
  }
}
