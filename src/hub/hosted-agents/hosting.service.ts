import { Injectable } from '@nestjs/common';
import { hostedKubeconfigText, type HostedKubeconfig, readHostedKubeconfig } from '#libs/kubeconfig/hosted';
import { allows } from '#src/hub/access/permissions';
import { requireRegion, seesRegion } from '#src/hub/access/scope';
import { Audit } from '#src/hub/audit/audit';
import { Database } from '#src/hub/database/database';
import { currentActor } from '#src/hub/http/context';
import { Problem } from '#src/hub/http/problem';
import { Credentials } from './credentials.service';
import { type HostableCluster, HostingRepository } from './hosting.repository';
import { hostedClusterOf, type HostedCluster, type UnhostedCluster } from './hosting.schema';
import { Supervisor } from './supervisor.service';

/** Which clusters the hub hosts the agent of, and by what credential. */
@Injectable()
export class Hosting {
  constructor(
    private readonly database: Database,
    private readonly repository: HostingRepository,
    private readonly credentials: Credentials,
    private readonly supervisor: Supervisor,
    private readonly audit: Audit,
  ) {}

  /** Begins hosting, or goes on with another credential. Doing it again is harmless. */
  async host(name: string, kubeconfig: string): Promise<HostedCluster> {
    const actor = currentActor();
    const value = accepted(kubeconfig);
    return await this.database.transaction(async () => {
      const cluster = await this.repository.lockCluster(name);
      this.requireVisible(name, cluster);
      requireRegion(actor, cluster.region);
      requireStaying(cluster);
      const before = await this.repository.find(cluster.id);
      const serviceAccount = `${value.claims.namespace}/${value.claims.name}`;
      await this.repository.store(cluster.id, {
        sealed: this.credentials.seal(cluster.id, hostedKubeconfigText(value)),
        server: value.server,
        serviceAccount,
        life: value.claims.life,
        mayJoin: allows(actor.role, 'clusters:rejoin'),
      });
      await this.record('cluster.host', cluster, before && { server: before.server }, {
        server: value.server,
        serviceAccount,
        expiresAt: value.claims.life?.expiresAt,
      });
      this.database.afterCommit(() => this.supervisor.wake());
      return await this.show(name);
    });
  }

  async show(name: string): Promise<HostedCluster> {
    const cluster = await this.repository.cluster(name);
    this.requireVisible(name, cluster);
    const row = await this.repository.find(cluster.id);
    if (row === undefined) throw Problem.notFound('hosted cluster', name);
    return hostedClusterOf(row);
  }

  /** Its agent stops; the cluster stays registered and its workloads as they are. Doing it again is harmless. */
  async unhost(name: string): Promise<UnhostedCluster> {
    return await this.database.transaction(async () => {
      const cluster = await this.repository.lockCluster(name);
      this.requireVisible(name, cluster);
      requireRegion(currentActor(), cluster.region);
      const before = await this.repository.find(cluster.id);
      if (before !== undefined && (await this.repository.delete(cluster.id))) {
        await this.record('cluster.unhost', cluster, { server: before.server }, { hosted: false });
        this.database.afterCommit(() => this.supervisor.wake());
      }
      return { cluster: name, hosted: false };
    });
  }

  private requireVisible(name: string, cluster: HostableCluster | undefined): asserts cluster is HostableCluster {
    if (cluster === undefined || !seesRegion(currentActor(), cluster.region)) throw Problem.notFound('cluster', name);
  }

  private async record(action: string, { id, name }: HostableCluster, before: object | undefined, after: object) {
    await this.audit.record({ action, resourceKind: 'Cluster', resourceId: id, resourceName: name, before, after });
  }
}

function requireStaying({ name, lifecycle }: HostableCluster): void {
  if (lifecycle === 'deregistering') {
    throw Problem.conflict(`cluster ${name} is being deregistered: wait until it is gone`);
  }
  if (lifecycle === 'revoked') {
    throw Problem.conflict(
      `cluster ${name} is revoked: an admin lets it join again by \`flotilla cluster join-token ${name}\``,
    );
  }
}

/** Throws Problem 400 that names every field, and no value. */
function accepted(kubeconfig: string): HostedKubeconfig {
  const read = readHostedKubeconfig(kubeconfig);
  if (!read.ok) {
    const errors = read.problems.map(({ field, message }) => ({
      field: field === '' ? 'kubeconfig' : `kubeconfig.${field}`,
      message,
    }));
    throw Problem.invalid(errors);
  }
  const { life } = read.value.claims;
  if (life !== undefined && life.expiresAt.getTime() <= Date.now()) {
    const message = `expired at ${life.expiresAt.toISOString()}: run \`flotilla cluster add\` again`;
    throw Problem.invalid([{ field: 'kubeconfig.users[0].user.token', message }]);
  }
  return read.value;
}
