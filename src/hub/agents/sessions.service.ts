import { generateKeyPairSync } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { ephemeralText, type SessionAnswer, sessionKey, sessionRequestSchema } from '#libs/protocol/session';
import { openSigned, type Signed, signValue } from '#libs/protocol/signed';
import type { OpenedSession } from '#libs/protocol/sync';
import { Audit } from '#src/hub/audit/audit';
import { HUB_CONFIG } from '#src/hub/config/config.module';
import type { HubConfig } from '#src/hub/config/schema';
import { Database } from '#src/hub/database/database';
import { Problem } from '#src/hub/http/problem';
import { HubKeys } from '#src/hub/security/hub-keys';
import { Sealing } from '#src/hub/security/sealing';
import { type AgentCluster, AgentsRepository } from './agents.repository';
import { negotiate } from './protocols/served';
import { sessionKeyPurpose } from './session-key';

/** Opens sessions: agrees on a key for heartbeats, and tells the agent how to behave. */
@Injectable()
export class Sessions {
  private readonly logger = new Logger(Sessions.name);

  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    private readonly database: Database,
    private readonly repository: AgentsRepository,
    private readonly keys: HubKeys,
    private readonly sealing: Sealing,
    private readonly audit: Audit,
  ) {}

  async open(cluster: AgentCluster, signed: Signed): Promise<OpenedSession> {
    const opened = openSigned('flotilla.dev/session/v1', signed, cluster.agent_key!, sessionRequestSchema);
    if (!opened.ok) throw Problem.invalid([{ field: 'request', message: opened.message }]);
    const request = opened.value;
    if (request.cluster !== cluster.id || request.hub !== this.keys.hubId) {
      throw Problem.invalid([{ field: 'request', message: 'is for another cluster or another hub' }]);
    }
    if (request.clusterUid !== cluster.cluster_uid) {
      await this.noteClone(cluster, request.clusterUid);
      throw new Problem(
        'conflict',
        `this key belongs to the cluster whose kube-system has UID ${cluster.cluster_uid}, and comes from one with ` +
          `${request.clusterUid}: a clone or a restored copy; join it as a cluster of its own`,
      );
    }
    const protocol = negotiate(request.protocols);
    const { privateKey } = generateKeyPairSync('x25519');
    const key = sessionKey(privateKey, request.ephemeral, cluster.id, request.session);
    const sealed = this.sealing.seal(sessionKeyPurpose, `${cluster.id}/${request.session}`, key);
    const stored = await this.database.transaction(() =>
      this.repository.openSession(cluster.id, request.session, sealed),
    );
    if (!stored) {
      throw new Problem(
        'conflict',
        `session ${request.session} is older than one that was opened already; start again`,
      );
    }
    const answer: SessionAnswer = {
      cluster: cluster.id,
      session: request.session,
      ephemeral: ephemeralText(privateKey),
      to: request.ephemeral,
      protocol,
    };
    return {
      answer: signValue('flotilla.dev/session-answer/v1', answer, this.keys.signingKey()),
      keys: this.keys.keySet(),
      settings: this.settings(),
    };
  }

  private async noteClone({ id, name, cluster_uid }: AgentCluster, clusterUid: string): Promise<void> {
    await this.database.transaction(async () => {
      if (!(await this.repository.noteClone(id, clusterUid))) return;
      await this.audit.record(
        {
          action: 'cluster.clone-refused',
          resourceKind: 'Cluster',
          resourceId: id,
          resourceName: name,
          after: { clusterUid, knownClusterUid: cluster_uid },
        },
        `agent:${name}`,
      );
      this.logger.warn({ msg: 'a clone of a cluster was refused', cluster: name, clusterUid });
    });
  }

  private settings(): OpenedSession['settings'] {
    const { heartbeatSeconds, fullComparisonSeconds, kafkaBrokers, kafkaSsl } = this.config.agents;
    return {
      heartbeatSeconds,
      fullComparisonSeconds,
      log: kafkaBrokers.length > 0 ? { kind: 'kafka', brokers: kafkaBrokers, ssl: kafkaSsl } : { kind: 'hub' },
    };
  }
}
