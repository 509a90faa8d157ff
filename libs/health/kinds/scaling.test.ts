import { assessHealth } from '../assess';

const condition = (type: string, status: string, reason = '', message = '') => ({ type, status, reason, message });

describe('the health of a PodDisruptionBudget', () => {
  const failed = condition('DisruptionAllowed', 'False', 'SyncFailed', 'found no controllers for pod');
  it.each([
    ['not observed', { observedGeneration: 1 }, 'progressing', 'GenerationNotObserved', 'generation 1'],
    ['observed', { observedGeneration: 2, disruptionsAllowed: 1 }, 'healthy', 'Current', 'allows 1 disruptions'],
    ['no disruption allowed', { observedGeneration: 2, disruptionsAllowed: 0 }, 'healthy', 'Current', 'allows 0'],
    ['not computed', { observedGeneration: 2, conditions: [failed] }, 'healthy', 'Current', 'found no controllers'],
    ['no status', undefined, 'healthy', 'Current', 'allows 0'],
  ])('%s', (_, status, expected, reason, message) => {
    const object = {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'api', generation: 2 },
      status,
    };
    expect(assessHealth(object)).toEqual({ status: expected, reason, message: expect.stringContaining(message) });
  });
});

describe('the health of a HorizontalPodAutoscaler', () => {
  const able = condition('AbleToScale', 'True', 'ReadyForNewScale', 'recommended size matches current size');
  const unable = condition('AbleToScale', 'False', 'FailedGetScale', 'deployments.apps "api" not found');
  const active = condition('ScalingActive', 'True', 'ValidMetricFound', 'was able to calculate a replica count');
  const noMetrics = condition(
    'ScalingActive',
    'False',
    'FailedGetResourceMetric',
    'unable to get metrics for resource cpu',
  );
  const resting = condition('ScalingActive', 'False', 'ScalingDisabled', 'scaling is disabled');
  const limited = condition('ScalingLimited', 'True', 'TooManyReplicas', 'the desired count is more than the maximum');
  it.each([
    ['no status', undefined, 'healthy', 'Current', 'it is there'],
    ['scaling', { currentReplicas: 3, conditions: [able, active] }, 'healthy', 'Current', 'keeps 3 replicas'],
    [
      'at its limit',
      { currentReplicas: 9, conditions: [able, active, limited] },
      'healthy',
      'Current',
      'more than the maximum',
    ],
    ['no target', { conditions: [unable] }, 'degraded', 'FailedGetScale', 'deployments.apps "api" not found'],
    [
      'no metrics',
      { currentReplicas: 3, conditions: [able, noMetrics] },
      'degraded',
      'FailedGetResourceMetric',
      'unable to get',
    ],
    ['resting', { currentReplicas: 0, conditions: [able, resting] }, 'healthy', 'ScalingDisabled', 'no replicas'],
  ])('%s', (_, status, expected, reason, message) => {
    const object = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'api' }, status };
    expect(assessHealth(object)).toEqual({ status: expected, reason, message: expect.stringContaining(message) });
  });
});
