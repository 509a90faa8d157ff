import { assessHealth } from '../assess';

const full = {
  observedGeneration: 1,
  desiredNumberScheduled: 4,
  currentNumberScheduled: 4,
  updatedNumberScheduled: 4,
  numberAvailable: 4,
  numberReady: 4,
};

describe('the health of a DaemonSet', () => {
  it.each<[string, object | undefined, string, string, string]>([
    ['all ready', full, 'healthy', 'Current', '4 Pods are ready'],
    ['no status', undefined, 'progressing', 'NoObservedGeneration', 'not looked'],
    ['not observed', { ...full, observedGeneration: undefined }, 'progressing', 'NoObservedGeneration', 'not looked'],
    ['an old generation', { ...full, observedGeneration: 0 }, 'progressing', 'GenerationNotObserved', 'generation 0'],
    ['no number', { observedGeneration: 1 }, 'progressing', 'NoDesiredNumber', 'how many nodes'],
    [
      'too few scheduled',
      { ...full, currentNumberScheduled: 3 },
      'progressing',
      'TooFewCurrent',
      '3 of 4 Pods are scheduled',
    ],
    ['too few updated', { ...full, updatedNumberScheduled: 2 }, 'progressing', 'TooFewUpdated', '2 of 4'],
    ['too few available', { ...full, numberAvailable: 1 }, 'progressing', 'TooFewAvailable', '1 of 4'],
    ['too few ready', { ...full, numberReady: 0 }, 'progressing', 'TooFewReady', '0 of 4'],
    ['no node matches', { observedGeneration: 1, desiredNumberScheduled: 0 }, 'healthy', 'Current', '0 Pods'],
  ])('%s', (_, status, expected, reason, message) => {
    const object = {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'logs', generation: 1 },
      spec: {},
      status,
    };
    expect(assessHealth(object)).toEqual({ status: expected, reason, message: expect.stringContaining(message) });
  });

  it('without a generation is not judged yet', () => {
    const object = { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'logs' }, status: full };
    expect(assessHealth(object)).toMatchObject({ status: 'progressing', reason: 'NoGeneration' });
  });

  it('says why an OnDelete update does not go on', () => {
    const spec = { updateStrategy: { type: 'OnDelete' } };
    const status = { ...full, updatedNumberScheduled: 0 };
    const object = {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'logs', generation: 1 },
      spec,
      status,
    };
    expect(assessHealth(object)).toMatchObject({ status: 'progressing', message: expect.stringContaining('OnDelete') });
  });
});
