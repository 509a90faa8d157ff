import type { Cluster, Target } from '../client/types';
import { ago, durationText } from '../output/age';
import { rowsOf } from '../output/rows';
import { sections } from '../output/sections';
import { labelsText } from '../output/text';

/** What is wrong with a cluster and what to do about it, the first thing first. */
export function clusterAdvice({ metadata, spec, status }: Cluster): string[] {
  const { name } = metadata;
  const advice: string[] = [];
  if (status.lifecycle === 'revoked') {
    return [`Its agent was revoked. To let it join again with a new key: flotilla cluster join-token ${name}`];
  }
  if (status.connection === 'pending') {
    advice.push(
      `No agent has joined yet. Run the join command on its side; if it is lost or has expired: flotilla cluster join-token ${name}`,
    );
  }
  if (status.connection === 'unknown') {
    const silent =
      status.silentSeconds === undefined ? 'for too long' : `for ${durationText(status.silentSeconds * 1000)}`;
    advice.push(
      `It has not been heard ${silent}, so what it runs is not known. Look at its agent: is it running, and does it reach the hub?`,
    );
  }
  const { clone } = status;
  if (clone !== undefined) {
    advice.push(
      `A clone with UID ${clone.clusterUid} tried to be this cluster at ${clone.lastTriedAt} and was refused. Delete Secret ` +
        'flotilla-system/flotilla-agent there, and join it as a cluster of its own: flotilla cluster register NAME',
    );
  }
  if (status.trouble !== undefined && !status.trouble.startsWith('a clone tries')) {
    advice.push(`Its agent says: ${status.trouble}`);
  }
  const { current, held } = status.root;
  if (status.connection === 'online' && current !== undefined && held !== undefined && held.epoch > current.epoch) {
    advice.push('It holds a newer root than the hub has: was the hub restored from a backup?');
  }
  if (spec.cordoned)
    advice.push(`It is cordoned: nothing new goes out to it. To go on: flotilla cluster uncordon ${name}`);
  if (status.lifecycle === 'deregistering')
    advice.push('It is leaving the fleet as soon as its agent has removed the workloads.');
  return advice;
}

export function describeCluster(cluster: Cluster, targets: readonly Target[], now: Date): string {
  const { metadata, spec, status } = cluster;
  const root = (version: { epoch: number; generation: number } | undefined) =>
    version === undefined ? 'none' : `epoch ${version.epoch}, generation ${version.generation}`;
  return sections([
    ['Name', metadata.name],
    ['Region', spec.region],
    ['Labels', labelsText(metadata.labels) || 'none'],
    ['Registered', ago(metadata.createdAt, now)],
    ['Lifecycle', status.lifecycle],
    ['Connection', status.connection],
    ['Last heard', ago(status.lastHeardAt, now)],
    ['Joined', ago(status.joinedAt, now)],
    ['Agent', status.hosted ? 'hosted by the hub' : 'its own'],
    ['Agent key', status.agentKeyId],
    ['kube-system', status.clusterUid],
    ['Applied as', spec.serviceAccount ?? 'the agent itself'],
    ['Root', root(status.root.current)],
    ['Root held', root(status.root.held)],
    ...Object.entries(status.facts).map(([name, value]): [string, string] => [
      name === 'kubernetesVersion' ? 'Kubernetes' : name === 'agentVersion' ? 'Agent version' : name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
    { heading: 'What to do', lines: clusterAdvice(cluster) },
    {
      heading: 'Targets',
      lines: rowsOf(targets, ({ application, state, message }) => [application, state, message]),
    },
  ]);
}
