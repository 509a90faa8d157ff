const maxCompared = 2000;
const maxLength = 100;

/** The `count` names that are most like `wanted`, best first: by edit distance, then by name. */
export function closestNames(wanted: string, names: readonly string[], count: number): string[] {
  const target = wanted.toLowerCase().slice(0, maxLength);
  return names
    .slice(-maxCompared)
    .map((name) => ({ name, distance: editDistance(target, name.toLowerCase().slice(0, maxLength)) }))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, count)
    .map(({ name }) => name);
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replace = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replace, previous[j]! + 1, row[j - 1]! + 1));
    }
    previous = row;
  }
  return previous[b.length]!;
}
