import { assessHealth } from '../assess';

const full = {
  replicas: 3,
  readyReplicas: 3,
  currentReplicas: 3,
  updatedReplicas: 3,
  currentRevision: 'a',
  updateRevision: 'a',
};
const rolling = { replicas: 3, updateStrategy: { type: 'RollingUpdate' } };
const partition = (partition: number) => ({
  replicas: 3,
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition } },
});

describe('the health of a StatefulSet', () => {
  it.each<[string, object, object | undefined, string, string, string]>([
    ['all ready', rolling, full, 'healthy', 'Current', '3 replicas are ready'],
    ['no status', rolling, undefined, 'progressing', 'TooFewReplicas', '0 of 3'],
    ['too few replicas', rolling, { ...full, replicas: 1 }, 'progressing', 'TooFewReplicas', '1 of 3'],
    ['too few ready', rolling, { ...full, readyReplicas: 2 }, 'progressing', 'TooFewReady', '2 of 3'],
    ['too many', rolling, { ...full, replicas: 4 }, 'progressing', 'ExtraReplicas', '1 replicas'],
    ['too few current', rolling, { ...full, currentReplicas: 1 }, 'progressing', 'TooFewCurrent', '1 of 3'],
    [
      'another revision',
      rolling,
      { ...full, updateRevision: 'b' },
      'progressing',
      'RevisionMismatch',
      'from revision a to b',
    ],
    [
      'partition, done',
      partition(2),
      { ...full, updatedReplicas: 1, updateRevision: 'b' },
      'healthy',
      'Current',
      'partition 2',
    ],
    [
      'partition, not done',
      partition(1),
      { ...full, updatedReplicas: 1, updateRevision: 'b' },
      'progressing',
      'PartitionRollout',
      '1 of 2',
    ],
    ['partition 0, as it is by default', partition(0), full, 'healthy', 'Current', '3 replicas are updated'],
    [
      'partition 0, not done',
      partition(0),
      { ...full, updatedReplicas: 2 },
      'progressing',
      'PartitionRollout',
      '2 of 3',
    ],
    [
      'partition above the replicas',
      partition(5),
      { ...full, updatedReplicas: 0 },
      'healthy',
      'Current',
      'partition 5',
    ],
    [
      'OnDelete, old revision',
      { replicas: 3, updateStrategy: { type: 'OnDelete' } },
      { ...full, updatedReplicas: 0, updateRevision: 'b' },
      'healthy',
      'OnDelete',
      'when someone deletes them',
    ],
    [
      'scaled to nothing',
      { ...rolling, replicas: 0 },
      { replicas: 0, currentRevision: 'a', updateRevision: 'a' },
      'healthy',
      'Current',
      '0 replicas',
    ],
  ])('%s', (_, spec, status, expected, reason, message) => {
    const object = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db' }, spec, status };
    expect(assessHealth(object)).toEqual({ status: expected, reason, message: expect.stringContaining(message) });
  });
});
