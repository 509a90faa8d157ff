import { createHash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import type { z } from 'zod';
import { type JoinAnswer, joinClaimSchema } from '#libs/protocol/join';
import { keyIdOf } from '#libs/protocol/keys';
import { openSigned } from '#libs/protocol/signed';
import type { joinRequestSchema } from '#libs/protocol/sync';
import { Audit } from '#src/hub/audit/audit';
import { Database } from '#src/hub/database/database';
import { Problem } from '#src/hub/http/problem';
import { HubKeys } from '#src/hub/security/hub-keys';
import { Notifications } from '#src/hub/stages/notifications';
import { AgentsRepository } from './agents.repository';

/** A lost answer is no trouble: the same key may join with the same token again, as long as the token lasts. */
@Injectable()
export class Joining {
  private readonly logger = new Logger(Joining.name);

  constructor(
    private readonly database: Database,
    private readonly repository: AgentsRepository,
    private readonly keys: HubKeys,
    private readonly audit: Audit,
    private readonly notifications: Notifications,
  ) {}

  async join(request: z.infer<typeof joinRequestSchema>): Promise<JoinAnswer> {
    const claim = readClaim(request);
    const keyId = keyIdOf(claim.publicKey);
    const hash = createHash('sha256').update(request.secret).digest();
    const cluster = await this.database.transaction(async () => {
      const found = await this.repository.findForUpdate(request.cluster);
      const token = found && (await this.repository.joinToken(hash, found.id));
      if (found === undefined || token === undefined)
        throw refused('this join token is not known, or was replaced by a newer one');
      if (token.expired) throw refused('this join token has expired');
      if (found.lifecycle === 'revoked') throw refused(`cluster ${found.name} was revoked`);
      if (token.used_by_key_id !== null && token.used_by_key_id !== keyId) {
        throw refused('this join token was used already, with another key');
      }
      if (token.used_by_key_id === keyId && found.agent_key_id === keyId) return found;
      if (await this.repository.isFormerKey(keyId)) {
        throw refused(
          'this key was revoked, or its cluster has left the fleet: on the cluster, `kubectl -n flotilla-system delete ' +
            'secret flotilla-agent` has the agent make another one',
        );
      }
      await this.repository.useJoinToken(hash, keyId);
      if (found.agent_key_id !== keyId) await this.repository.forgetTold(found.id);
      await this.repository.setKey(found.id, claim.publicKey, keyId, claim.clusterUid);
      // An agent with the former key is answered, with a refusal.
      await this.notifications.notifyRoots([found.id]);
      await this.audit.record({
        action: 'cluster.join',
        resourceKind: 'Cluster',
        resourceId: found.id,
        resourceName: found.name,
        before: { agentKeyId: found.agent_key_id },
        after: { agentKeyId: keyId, clusterUid: claim.clusterUid },
      });
      return found;
    });
    this.logger.log({ msg: 'cluster joined', cluster: cluster.name, keyId });
    return {
      hub: this.keys.hubId,
      cluster: cluster.id,
      name: cluster.name,
      region: cluster.region,
      keys: this.keys.keySet(),
    };
  }
}

function readClaim(request: z.infer<typeof joinRequestSchema>) {
  const claimed = joinClaimSchema.safeParse(parseJson(request.claim.payload));
  if (!claimed.success) throw Problem.invalid([{ field: 'claim', message: 'is not a join claim' }]);
  const opened = openSigned('flotilla.dev/join/v1', request.claim, claimed.data.publicKey, joinClaimSchema);
  if (!opened.ok || opened.value.cluster !== request.cluster) {
    throw Problem.invalid([
      { field: 'claim', message: 'is not signed by the key that it brings, or is for another cluster' },
    ]);
  }
  return opened.value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refused(message: string): Problem {
  return new Problem('forbidden', `${message}; an admin gets a new one by \`flotilla cluster join-token NAME\``);
}
