import type { TargetDetail } from '../client/types';
import { ago } from '../output/age';
import type { Line } from '../output/sections';

/** All that is known of an application on a cluster. */
export function describeTarget(target: TargetDetail, now: Date): Line[] {
  const { objects, assigned, removal } = target;
  const release = (of: { release?: number; bundle?: string } | undefined) =>
    of?.bundle === undefined ? undefined : `#${of.release ?? '?'} (${of.bundle.slice(-64, -52)})`;
  const notes = (list: { object: string; message: string }[] | undefined) =>
    (list ?? []).map(({ object, message }) => `${object}: ${message}`);
  return [
    ['Application', target.application],
    ['Cluster', `${target.cluster}, region ${target.region}`],
    ['State', target.state],
    ['Message', target.message],
    ['Placed', `${target.placed ? 'yes' : 'no'}: ${target.reason}`],
    ['Wanted', release(target.wanted)],
    ['Assigned', release(assigned)],
    ['Authorised', assigned === undefined ? undefined : ago(assigned.authorisedAt, now)],
    ['Applied', release(target.applied)],
    ['Trace', assigned?.traceId],
    [
      'Health',
      target.health === undefined ? undefined : [target.health, target.healthMessage].filter(Boolean).join(': '),
    ],
    ['Objects', objects && `${objects.applied} of ${objects.total} applied, ${objects.failed} failed`],
    ['Drifted', target.drifted],
    ['Put back', target.corrected],
    ['Removal', removal],
    ['Told', target.toldAt === undefined ? undefined : ago(target.toldAt, now)],
    ['Cluster heard', ago(target.clusterHeardAt, now)],
    { heading: 'What holds it back', lines: target.blockers.map(({ message }) => message) },
    { heading: 'Errors', lines: notes(target.errors) },
    { heading: 'Drift', lines: notes(target.driftNotes) },
    { heading: 'Deletions that wait for an approval', lines: target.deletions },
  ];
}
