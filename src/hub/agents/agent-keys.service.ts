import { Injectable, Logger } from '@nestjs/common';
import { keyIdOf, verifyText } from '#libs/protocol/keys';
import { type RotateAnswer, type RotateClaim, rotateClaimSchema, type RotateRequest } from '#libs/protocol/rotate';
import { openSigned } from '#libs/protocol/signed';
import { Audit } from '#src/hub/audit/audit';
import { Database } from '#src/hub/database/database';
import { Problem } from '#src/hub/http/problem';
import { HubKeys } from '#src/hub/security/hub-keys';
import { type AgentCluster, AgentsRepository } from './agents.repository';

/**
 * Agents that replace their own key. The new key is written down when it is told, and takes the place of the present one
 * when it is first used: whichever side dies in between, one of the two keys that the agent has is good.
 */
@Injectable()
export class AgentKeys {
  private readonly logger = new Logger(AgentKeys.name);

  constructor(
    private readonly database: Database,
    private readonly repository: AgentsRepository,
    private readonly keys: HubKeys,
    private readonly audit: Audit,
  ) {}

  async announce(cluster: AgentCluster, request: RotateRequest): Promise<RotateAnswer> {
    const claim = this.read(cluster, request);
    const keyId = keyIdOf(claim.publicKey);
    await this.database.transaction(async () => {
      const now = await this.repository.findForUpdate(cluster.id);
      if (now === undefined || now.lifecycle === 'revoked') throw new Problem('revoked', `${cluster.name} was revoked`);
      // An answer was lost, and it is asked again.
      if (now.agent_key_id === keyId || now.next_agent_key_id === keyId) return;
      if (now.agent_key_id !== request.claim.keyId)
        throw Problem.conflict('the key was replaced meanwhile; read it again');
      if (await this.repository.isKeyTaken(keyId)) throw Problem.conflict('this key was used before; make another one');
      await this.repository.setNextKey(cluster.id, claim.publicKey, keyId);
    });
    return { keyId };
  }

  /** The new key was used: it is the agent's from now on. */
  async promote(cluster: AgentCluster, keyId: string): Promise<void> {
    await this.database.transaction(async () => {
      if (!(await this.repository.promoteKey(cluster.id, keyId))) return;
      await this.audit.record(
        {
          action: 'cluster.rotate-key',
          resourceKind: 'Cluster',
          resourceId: cluster.id,
          resourceName: cluster.name,
          before: { agentKeyId: cluster.agent_key_id },
          after: { agentKeyId: keyId },
        },
        `agent:${cluster.name}`,
      );
    });
    this.logger.log({ msg: 'the agent has another key', cluster: cluster.name, keyId });
  }

  private read(cluster: AgentCluster, { claim, proof }: RotateRequest): RotateClaim {
    const invalid = (field: string, message: string): Problem => Problem.invalid([{ field, message }]);
    const signer = claim.keyId === cluster.next_agent_key_id ? cluster.next_agent_key! : cluster.agent_key!;
    const opened = openSigned('flotilla.dev/rotate/v1', claim, signer, rotateClaimSchema);
    if (!opened.ok) throw invalid('claim', opened.message);
    if (opened.value.cluster !== cluster.id || opened.value.hub !== this.keys.hubId) {
      throw invalid('claim', 'is for another cluster or another hub');
    }
    if (!verifyText('flotilla.dev/rotate-proof/v1', claim.payload, proof, opened.value.publicKey)) {
      throw invalid('proof', 'is not a signature of the new key over the claim');
    }
    return opened.value;
  }
}
