export interface TopicPartition {
  topic: string;
  partition: number;
}

export const partitionKey = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

export interface GroupMember {
  id: string;
  topics: readonly string[];
}

/**
 * Shares partitions among the members of a group: each goes to the member that reads its topic and has the fewest so far.
 * Every member computes it alone, so it depends on nothing but the two sets, whatever their order.
 */
export function sharePartitions(
  members: readonly GroupMember[],
  topics: readonly { name: string; partitions: number }[],
): Map<string, TopicPartition[]> {
  const byId = [...members].sort((a, b) => compare(a.id, b.id));
  const shares = new Map<string, TopicPartition[]>(byId.map(({ id }) => [id, []]));
  for (const { name: topic, partitions } of [...topics].sort((a, b) => compare(a.name, b.name))) {
    const readers = byId.filter((member) => member.topics.includes(topic)).map(({ id }) => shares.get(id)!);
    for (let partition = 0; partition < partitions && readers.length > 0; partition++) {
      const fewest = readers.reduce((least, share) => (share.length < least.length ? share : least));
      fewest.push({ topic, partition });
    }
  }
  return shares;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
