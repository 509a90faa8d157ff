import { describePlacement } from '#libs/placement/place';
import type { Application, Target } from '../client/types';
import { age, ago } from '../output/age';
import { rowsOf } from '../output/rows';
import { sections } from '../output/sections';
import { counted, shortCommit } from '../output/text';
import { clustersText, unwellOf } from './unwell';

/** What is wrong with an application and what to do about it, the first thing first. */
export function applicationAdvice({ metadata, spec, status }: Application, now: Date): string[] {
  const { name } = metadata;
  const { targets } = status;
  const advice: string[] = [];
  if (status.failingSince != null) {
    const [first = '', ...others] = (status.message ?? 'no reason is known').split('\n');
    advice.push(`It cannot be rendered for ${age(status.failingSince, now)}: ${first}`);
    advice.push(...others.map((line) => `  ${line}`));
    advice.push('The clusters keep what they have. Mend it in Git, or in what `flotilla apply -f` says of it.');
  } else if (status.release == null) {
    advice.push(`There is no release yet. Has its source been fetched? flotilla describe source ${spec.source}`);
  } else if (targets.total === 0) {
    advice.push(`No cluster matches its placement. Why: flotilla application explain ${name}`);
  }
  if (status.heldBy != null) advice.push(`It is held by ${status.heldBy}: nothing goes out. To go on: flotilla resume`);
  if (status.pendingRemovals > 0) {
    advice.push(
      `${counted(status.pendingRemovals, 'target')} lost the placement; say what becomes of the workloads there: flotilla application removals list ${name}`,
    );
  }
  if (status.pendingDeletions > 0) {
    advice.push(
      `Deletions on ${counted(status.pendingDeletions, 'target')} wait for an approval: flotilla application deletions list ${name}`,
    );
  }
  if (status.refused != null) {
    advice.push(`Refused on some targets: ${status.refused}. Take the object out of one of the two applications.`);
  }
  if (targets.failed > 0 && status.refused == null) {
    advice.push(
      `${counted(targets.failed, 'target')} failed, for what is said below. More: flotilla application targets ${name} CLUSTER`,
    );
  }
  if (targets.unknown > 0) {
    advice.push(
      `${counted(targets.unknown, 'target')} on clusters that are not heard: flotilla cluster list --connection unknown`,
    );
  }
  if (targets.drifted > 0)
    advice.push(`${counted(targets.drifted, 'target')} drifted: live objects differ from what was applied.`);
  return advice;
}

export function describeApplication(application: Application, wrong: readonly Target[], now: Date): string {
  const { metadata, spec, status } = application;
  const { release, targets } = status;
  return sections([
    ['Name', metadata.name],
    ['Created', ago(metadata.createdAt, now)],
    ['Source', `${spec.source}, path ${spec.path}`],
    ['Placement', describePlacement(spec.placement)],
    ['State', status.state],
    ['Message', status.failingSince == null ? (status.message ?? undefined) : undefined],
    [
      'Release',
      release ? `#${release.number}, ${shortCommit(release.commit)}, ${ago(release.createdAt, now)}` : 'none',
    ],
    ['Subject', release?.subject],
    ['Trace', release?.traceId],
    ['Held by', status.heldBy ?? undefined],
    [
      'Targets',
      `${targets.total}: ${targets.inSync} in sync, ${targets.progressing} progressing, ${targets.drifted} drifted, ${targets.failed} failed, ${targets.unknown} unknown`,
    ],
    { heading: 'What to do', lines: applicationAdvice(application, now) },
    {
      heading: 'Targets that are not in sync',
      lines: rowsOf(unwellOf(wrong), ({ clusters, state, message }) => [clustersText(clusters), state, message]),
    },
  ]);
}
