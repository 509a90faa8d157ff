import type { DiffGroup, Difference, FieldChange, ObjectChange } from '../client/types';
import type { Colour, Paint } from '../output/colour';
import { counted, plain, shortened } from '../output/text';

const marks: Record<ObjectChange['change'], [mark: string, colour: Colour]> = {
  added: ['+', 'green'],
  removed: ['-', 'red'],
  changed: ['~', 'yellow'],
};

const maxNamedClusters = 8;
const maxValueLength = 120;

/** One text for each set of clusters with the same difference, and what of the fleet is not in it. */
export function diffText({ groups, unchanged, notCompared, compared }: Difference, paint: Paint): string {
  const what = compared === 'releases' ? 'variant' : 'cluster';
  const rest = [
    ...(unchanged > 0 ? [`${counted(unchanged, what)} without any difference`] : []),
    ...(notCompared > 0
      ? [`${counted(notCompared, what)} not compared: not rendered, new, or beyond the first pairs`]
      : []),
  ];
  const texts = groups.map((group) => groupText(group, paint));
  return [...texts, ...(rest.length === 0 ? [] : [`${rest.join('; ')}\n`])].join('\n');
}

function groupText(group: DiffGroup, paint: Paint): string {
  const { clusters, clusterCount, fromReleases, toReleases, objects, moreObjects, policy } = group;
  const named = clusters.slice(0, maxNamedClusters).join(', ') + (clusterCount > maxNamedClusters ? ', …' : '');
  const releases = `${releasesText(fromReleases)} → ${releasesText(toReleases)}`;
  const where = clusterCount === 0 ? '' : `: ${counted(clusterCount, 'cluster')} (${plain(named)})`;
  const head = `${paint(`${releases}${where}`, 'bold')}\n`;
  const kept =
    policy.length === 0 ? '' : `  ${paint('~ how objects are kept', 'yellow')}\n${fieldsText(policy, paint)}`;
  const more = moreObjects > 0 ? `  and ${counted(moreObjects, 'more object')}\n` : '';
  return head + objects.map((change) => changeText(change, paint)).join('') + more + kept;
}

function releasesText(releases: readonly number[]): string {
  return releases.map((number) => `#${number}`).join(', ') || 'nothing';
}

function changeText({ name, change, fields, moreFields }: ObjectChange, paint: Paint): string {
  const [mark, colour] = marks[change];
  const more = moreFields > 0 ? `      and ${counted(moreFields, 'more field')}\n` : '';
  return `  ${paint(`${mark} ${plain(name)}`, colour)}\n${fieldsText(fields, paint)}${more}`;
}

function fieldsText(fields: readonly FieldChange[], paint: Paint): string {
  return fields
    .map(({ path, before, after }) => {
      const left = before === undefined ? '' : paint(`- ${valueText(before)}`, 'red');
      const right = after === undefined ? '' : paint(`+ ${valueText(after)}`, 'green');
      return `      ${plain(path)}: ${[left, right].filter((text) => text !== '').join('  ')}\n`;
    })
    .join('');
}

function valueText(value: unknown): string {
  return shortened(plain(typeof value === 'string' ? value : JSON.stringify(value)), maxValueLength);
}
